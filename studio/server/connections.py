"""The profiles of io_config.yaml: which there are, what each asks for, and whether it connects."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from deployer.settings.ioconfig import read
from studio.server.errors import StudioError, missing
from studio.server.messages import ConnectionTest, ProfileInfo
from studio.server.session import Session

PATIENCE = 60.0
HOUSE = Path(__file__).parents[2]
KEPT = ("PATH", "LANG", "TZ", "HOME", "TMPDIR")


class Connections:
    """Names only: values go into the process that tries them, and nowhere else."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def profiles(self) -> list[ProfileInfo]:
        path = self.session.project.io_config
        if path is None:
            return []
        found = read(path)
        name = path.relative_to(self.session.root).as_posix()
        return [
            ProfileInfo(profile, name, sorted(set(found.names(frozenset({profile})))))
            for profile in found.profiles
            if profile != "version"
        ]

    def test(self, profile: str) -> list[ConnectionTest]:
        """Try each service of the profile, from this machine, with the functions' settings."""
        path = self.session.project.io_config
        if path is None or profile not in {item.name for item in self.profiles()}:
            raise missing(f"profile {profile}")
        request = json.dumps({"path": str(path), "profile": profile})
        try:
            done = subprocess.run(
                [sys.executable, "-m", "studio.server.connecting"],
                input=request,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                cwd=HOUSE,
                env=self._environment(),
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise StudioError(400, f"No answer within {PATIENCE:g} seconds") from None
        if done.returncode:
            raise StudioError(500, "The process that tries connections ended early")
        return [ConnectionTest(**item) for item in json.loads(done.stdout)]

    def _environment(self) -> dict[str, str]:
        """As a function of the local cloud gets it: nothing of the shell but where things are."""
        workspace = self.session.workspace()
        target = workspace.target
        values = workspace.known_values()
        here = {name: os.environ[name] for name in KEPT if name in os.environ}
        cloud = {"GOOGLE_CLOUD_PROJECT": target.project_id}
        if target.is_local:
            cloud |= {"BIGQUERY_EMULATOR_HOST": target.base}
            cloud |= {"GCE_METADATA_HOST": f"{target.base.removeprefix('http://')}/md/studio"}
        return {**here, **cloud, **values, "STUDIO_SECRETS": ",".join(values)}

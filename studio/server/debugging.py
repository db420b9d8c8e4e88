"""A block run in place under a debugger: its process waits on a loopback port for VS Code.

The process gets the block's own bundle and the environment of its function, so what is stepped
through is what production runs; it leaves an ordinary manifest in the notebook run.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from deployer import local
from deployer.bundle import bundle
from deployer.model import Block, Pipeline
from deployer.naming import function_id
from deployer.workspace import Workspace
from studio.server.connections import KEPT
from studio.server.errors import StudioError
from studio.server.inplace import NOTEBOOK, InPlace, find
from studio.server.messages import DebugInfo
from studio.server.session import Session

HOST = "127.0.0.1"


class Debugging:
    """At most one block at a time waits for a debugger."""

    def __init__(self, session: Session, inplace: InPlace) -> None:
        self.session = session
        self.inplace = inplace
        self._process: subprocess.Popen[bytes] | None = None
        session.at_end.append(self.stop)

    def start(self, pipeline: Pipeline, name: str, variables: Any) -> DebugInfo:
        """Deploy what it stands on, then start its process; it waits before the first line."""
        need("debugpy")
        workspace, block = self.session.workspace(), find(pipeline, name)
        if not workspace.target.is_local:
            raise StudioError(400, "Blocks are debugged on the local target only")
        self.stop()
        self.inplace.prepare(workspace, pipeline, block)
        folder = unpacked(workspace, pipeline, block)
        port = free_port()
        request = {"run": NOTEBOOK, "bucket": workspace.target.bucket, "variables": variables}
        listening = ["-Xfrozen_modules=off", "-m", "debugpy", "--listen", f"{HOST}:{port}"]
        self._process = subprocess.Popen(
            [sys.executable, *listening, "--wait-for-client", "-m", "runtime.job"],
            cwd=folder,
            env={
                **environment(workspace, pipeline, block),
                "PYTHONPATH": str(folder),
                "BLOCKLIFT_REQUEST": json.dumps(request),
            },
            stdout=subprocess.DEVNULL,
        )
        threading.Thread(target=self._follow, args=(pipeline, block), daemon=True).start()
        project = folder / "project" / workspace.project.name
        return DebugInfo(HOST, port, launch(port, workspace.project.root, project))

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.kill()

    def _follow(self, pipeline: Pipeline, block: Block) -> None:
        process = self._process
        if process is not None:
            process.wait()
            self.session.events.publish("block_run", pipeline=pipeline.id, block=block.id)


def need(library: str) -> None:
    """Who never debugs need not have it."""
    if find_spec(library) is None:
        raise StudioError(400, f"{library} is not installed", f"pip install {library}")


def unpacked(workspace: Workspace, pipeline: Pipeline, block: Block) -> Path:
    """The bundle's files in a folder of their own, made anew."""
    folder = local.home(workspace.project.root) / "debug" / function_id(pipeline, block)
    shutil.rmtree(folder, ignore_errors=True)
    for path, content in bundle(workspace.project, pipeline, block).files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return folder


def environment(workspace: Workspace, pipeline: Pipeline, block: Block) -> dict[str, str]:
    """What the local cloud's host gives the function, and its own identity."""
    target, service = workspace.target, function_id(pipeline, block)
    url = target.url(service, workspace.number)
    label = url.removeprefix("https://").removesuffix(".run.app")
    metadata = f"{target.base.removeprefix('http://')}/md/{label}"
    return {
        **{name: os.environ[name] for name in KEPT if name in os.environ},
        **workspace.known_values(),
        "GOOGLE_CLOUD_PROJECT": target.project_id,
        "GCE_METADATA_HOST": metadata,
        "GCE_METADATA_IP": metadata,
        "API_ENDPOINT_OVERRIDE": target.base,
        "BIGQUERY_EMULATOR_HOST": target.base,
        "CLOUD_STORAGE_EMULATOR_ENDPOINT": target.base,
    }


def free_port() -> int:
    with socket.create_server((HOST, 0)) as door:
        return int(door.getsockname()[1])


def launch(port: int, root: Path, remote: Path) -> str:
    """A launch.json for VS Code that attaches to the waiting block."""
    attach = {
        "name": "Blocklift block",
        "type": "debugpy",
        "request": "attach",
        "connect": {"host": HOST, "port": port},
        "pathMappings": [{"localRoot": str(root), "remoteRoot": str(remote)}],
        "justMyCode": True,
    }
    return json.dumps({"version": "0.2.0", "configurations": [attach]}, indent=2)

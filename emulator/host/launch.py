"""Start one instance of a revision: its libraries, its environment, its process."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from emulator.cloud import Cloud, Principal
from emulator.errors import ApiError
from emulator.host.build import Workshop
from emulator.host.environment import Core, Environment
from emulator.host.errors import BuildError, StartError
from emulator.host.instance import Instance
from emulator.host.logbook import Logbook
from emulator.host.records import Revision, uri_of
from emulator.host.zygotes import CLEAN, Fork, Zygotes

PREPARED = 3
"""Zygotes that are started before they are asked for: about 100 MB each."""


class Launcher:
    """Turns revisions into running instances."""

    def __init__(self, cloud: Cloud, workshop: Workshop, log: Logbook, patience: float) -> None:
        self._cloud = cloud
        self._workshop = workshop
        self._log = log
        self._patience = patience
        self._zygotes = Zygotes()
        self._preparing: asyncio.Task[None] | None = None
        self._expecting: asyncio.Task[None] | None = None
        cloud.parts["launcher"] = self

    async def start(self, revision: Revision, on_end: Callable[[Instance], None]) -> Instance:
        """StartError when the function does not come up; the reason is in its log."""
        try:
            return await asyncio.wait_for(self._bring_up(revision, on_end), self._patience)
        except TimeoutError:
            raise StartError("The container did not listen in time.") from None
        except (ApiError, BuildError) as error:  # a secret or a layer that is gone
            self._log.system(revision, "ERROR", str(error))
            raise StartError(str(error)) from None

    async def _bring_up(self, revision: Revision, on_end: Callable[[Instance], None]) -> Instance:
        environment = await self._workshop.environment(revision.source, revision.build_variables)
        variables = self._variables(revision)
        zygote = await self._zygotes.for_(environment)
        home = Path(tempfile.mkdtemp(prefix="blocklift-"))
        sink = self._log.of_instance(revision, secrets.token_hex(32))

        def over(instance: Instance) -> None:
            shutil.rmtree(home, ignore_errors=True)
            on_end(instance)

        instance = Instance(zygote.fork(), sink, over)
        try:
            variables |= {"HOME": str(home), "TMPDIR": str(home)}
            await instance.start(self._config(revision, environment, variables))
        except BaseException:
            instance.kill()
            raise
        return instance

    async def fork(self, revision: Revision) -> tuple[Fork, dict[str, Any]]:
        """A process with the libraries of a revision, and the configuration that it waits for."""
        environment = await self._workshop.environment(revision.source, revision.build_variables)
        variables = self._variables(revision)
        zygote = await self._zygotes.for_(environment)
        return zygote.fork(), self._config(revision, environment, variables)

    def _config(
        self, revision: Revision, environment: Environment, variables: dict[str, str]
    ) -> dict[str, Any]:
        return {
            "source": str(self._workshop.source(revision.source).resolve()),
            "file": revision.file,
            "target": revision.target,
            "roots": sorted(environment.roots),
            "names": sorted(environment.names),
            "forget": environment.forget,
            "environment": variables,
        }

    def _variables(self, revision: Revision) -> dict[str, str]:
        """Cloud Run: "Container runtime contract", environment variables; nothing of the shell
        that the emulator was started from.
        """
        label = uri_of(revision.service).removeprefix("https://").removesuffix(".run.app")
        metadata = f"{self._cloud.settings.url.removeprefix('http://')}/md/{label}"
        own = {**revision.variables, **self._secrets(revision)}
        return {
            "FUNCTION_TARGET": revision.target,
            "FUNCTION_SIGNATURE_TYPE": revision.signature,
            **without(self._cloud.environment, own),
            **own,
            **{name: CLEAN[name] for name in ("PATH", "LANG", "TZ")},
            "PYTHONUNBUFFERED": "TRUE",
            "PORT": "8080",
            "K_SERVICE": revision.short,
            "K_CONFIGURATION": revision.short,
            "K_REVISION": revision.name,
            "GOOGLE_CLOUD_PROJECT": revision.project,
            "GCE_METADATA_HOST": metadata,
            "GCE_METADATA_IP": metadata,
            "GCE_METADATA_ROOT": metadata,  # the C++ client, which pyarrow brings
        }

    def _secrets(self, revision: Revision) -> dict[str, str]:
        """Read as the function's own service account, each time an instance starts."""
        reader = Principal(revision.account)
        read = self._cloud.secrets.value
        return {
            one.key: read(one.project, one.secret, one.version, reader).decode()
            for one in revision.secrets
        }

    def expect(self) -> None:
        """Somebody is about to deploy: most functions want tables, so begin importing pandas."""

        async def work() -> None:
            with contextlib.suppress(BuildError, StartError, OSError):
                await self._zygotes.for_(await self._workshop.usual())

        if self._expecting is None:
            self._expecting = asyncio.get_running_loop().create_task(work())

    def prepare(self, revisions: Iterable[Revision]) -> None:
        """Start the zygotes of these in the background: not all at once, and not too many."""

        async def work() -> None:
            seen: set[Core] = set()
            for revision in revisions:
                with contextlib.suppress(BuildError, StartError, OSError):
                    environment = await self._workshop.environment(
                        revision.source, revision.build_variables
                    )
                    if environment.core not in seen and len(seen) < PREPARED:
                        seen.add(environment.core)
                        await self._zygotes.for_(environment)

        self._preparing = asyncio.get_running_loop().create_task(work())

    async def stop(self) -> None:
        for task in (self._preparing, self._expecting):
            if task:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await self._zygotes.stop()


def without(ours: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """What a function says of its proxy holds in either spelling: HTTPS_PROXY, https_proxy."""
    said = {name.upper() for name in own}
    return {name: value for name, value in ours.items() if name.upper() not in said}

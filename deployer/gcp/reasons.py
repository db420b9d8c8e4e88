"""Why a function could not be deployed: its logs say more than its operation does."""

from __future__ import annotations

import re

from deployer.errors import CloudError
from deployer.gcp.logs import Logs

BUILD_FAILED = "Build failed"
BUILD_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TAIL = 20
"""Lines of a failed build's log that are shown."""
UNHEALTHY = "Healthcheck failed"
"""Part of the answer when a container ends before it listens (Cloud Run: Troubleshoot)."""


class Reasons:
    """Errors with the end of the log that explains them."""

    def __init__(self, logs: Logs) -> None:
        self.logs = logs

    def of(self, error: CloudError, doing: str, build: str) -> CloudError:
        """The same error where no log says more."""
        if BUILD_FAILED in str(error):
            return self.unbuilt(error, build)
        return self.unhealthy(doing, error) if UNHEALTHY in str(error) else error

    def unbuilt(self, error: CloudError, build: str) -> CloudError:
        """What the build's author must mend stands at its end."""
        number = build.rpartition("/")[2] or next(iter(BUILD_ID.findall(str(error))), "")
        wanted = f'resource.type="build" AND resource.labels.build_id="{number}"'
        lines = self.newest(wanted, TAIL) if number else []
        told = "\n".join(f"    {line}" for line in reversed(lines))
        return CloudError(f"{error}\n  the end of its log:\n{told}") if told else error

    def unhealthy(self, doing: str, error: CloudError) -> CloudError:
        """What the container wrote before it died says more than that it did."""
        name = doing.rpartition(" ")[2]
        wanted = f'resource.labels.service_name="{name}" AND severity>=ERROR'
        lines = self.newest(wanted, 1)
        return CloudError(f"{doing}: it does not start:\n{lines[0].strip()}") if lines else error

    def newest(self, wanted: str, most: int) -> list[str]:
        try:
            return [line.message for line in self.logs.read(wanted, newest_first=True, most=most)]
        except CloudError:  # a log that cannot be read must not hide what it would explain
            return []

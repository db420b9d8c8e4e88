"""Where the files of this service's bundle lie."""

from __future__ import annotations

import os

WHICH = "BLOCKLIFT_BUNDLE"
"""An image that holds several bundles side by side has the runtime once; each of its services is
told by this variable which of them is its own: a folder beside the runtime's.
"""


def folder() -> str:
    above = os.path.abspath(__file__).rpartition("/runtime/")[0]  # noqa: PTH100 (resolve() would follow links)
    return os.path.join(above, os.environ.get(WHICH, "")).rstrip("/")  # noqa: PTH118 (pathlib loads more)

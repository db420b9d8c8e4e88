"""The same block as a Cloud Run job, for what takes longer than a request may.

`python -m runtime.job` reads the BlockRequest from BLOCKLIFT_REQUEST and exits 0 or 1; what
the block left is in its manifest, where the workflow's next call finds it.
"""

from __future__ import annotations

import json
import os

from runtime import bundle
from runtime.contract import BlockRequest
from runtime.entry import answered


def main() -> int:
    here = bundle.settled()
    request = BlockRequest.from_json(json.loads(os.environ["BLOCKLIFT_REQUEST"]))
    _, status, _ = answered(here.spec, request, here.project)
    return 0 if status == 200 else 1


if __name__ == "__main__":
    raise SystemExit(main())

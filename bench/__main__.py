"""`python -m bench [NAME…]`: every benchmark, or those named."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

NOT_A_BENCHMARK = {"__init__", "__main__", "demo", "world", "measure"}


def names() -> list[str]:
    files = Path(__file__).parent.glob("*.py")
    return sorted(file.stem for file in files if file.stem not in NOT_A_BENCHMARK)


def main(wanted: list[str]) -> int:
    if unknown := set(wanted) - set(names()):
        print(f"no benchmark {', '.join(sorted(unknown))}; there are: {', '.join(names())}")
        return 2
    for name in wanted or names():
        print(f"\n=== {name}", flush=True)
        import_module(f"bench.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

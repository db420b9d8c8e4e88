"""Prints how many of the statement cases pass, by family."""

from __future__ import annotations

import re
from collections import Counter


def pytest_terminal_summary(terminalreporter):
    total, passed = Counter(), Counter()
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            if found := re.search(r"test_statement\[(\w+)-\d+\]", report.nodeid):
                total[found[1]] += 1
                passed[found[1]] += outcome == "passed"
    if total:
        families = ", ".join(f"{name} {passed[name]}/{total[name]}" for name in sorted(total))
        terminalreporter.write_line(
            f"GoogleSQL: {passed.total()} of {total.total()} statements ({families})"
        )

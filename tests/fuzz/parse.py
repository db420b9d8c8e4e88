"""Coverage-guided fuzzing of the Workflows parser: `python tests/fuzz/parse.py -runs=100000`.

Whatever the bytes are, the answer is a program or an orderly list of mistakes: anything else is
a crash, whose input is written beside. Options are libFuzzer's (`-runs`, `-max_total_time`,
`-seed`, a corpus folder, a crash to try again). Needs atheris, which is in no lock file:

    python3.11 -m venv /tmp/fuzz && /tmp/fuzz/bin/pip install atheris
    PYTHONPATH=.:.venv/lib/python3.11/site-packages /tmp/fuzz/bin/python tests/fuzz/parse.py
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests/emulator/workflows/cases"
EXPRESSION = b"$"
"""An input that begins so is one expression; any other one is a whole source."""
DEFAULTS = {"-runs": "10000", "-max_len": "2048", "-timeout": "20", "-rss_limit_mb": "2048"}

try:
    import atheris
except ImportError:
    sys.exit(f"atheris is not installed; how to get it:\n\n{__doc__}")

sys.path.insert(0, str(ROOT))
with atheris.instrument_imports(include=["emulator.workflows"]):
    from emulator.workflows.parse import parse
    from emulator.workflows.source import SourceError, SourceProblem


class Count:
    """How many inputs there were, and of which kind."""

    def __init__(self) -> None:
        self.inputs = self.programs = self.mistakes = 0

    def __str__(self) -> str:
        return f"{self.inputs} inputs: {self.programs} programs, {self.mistakes} orderly mistakes"


def one(data: bytes, count: Count) -> None:
    source = source_of(data)
    count.inputs += 1
    try:
        parse(source)
        count.programs += 1
    except SourceError as error:
        count.mistakes += 1
        assert error.problems
        for problem in error.problems:
            orderly(problem, source)


def source_of(data: bytes) -> str:
    text = data.decode(errors="surrogateescape" if data.endswith(b"\0") else "replace")
    if not data.startswith(EXPRESSION):
        return text
    return json.dumps([{"a": {"return": "${" + text[1:] + "}"}}])


def orderly(problem: SourceProblem, source: str) -> None:
    """It says something, about a place in the source or right after its end."""
    lines = len(re.split("\r\n|[\r\n]", source))
    assert problem.message
    assert 1 <= problem.line <= lines + 1, problem
    assert problem.column >= 1, problem


# -- what the fuzzer begins with ----------------------------------------------------------------


def seeds(folder: Path) -> None:
    """Sources and expressions of the language's test cases."""
    import yaml

    sources = [json.dumps(case) for file in CASES.glob("*.yaml") for case in cases(yaml, file)]
    sources += [case["source"] for file in CASES.glob("*.yaml") for case in cases(yaml, file)
                if isinstance(case.get("source"), str)]  # fmt: skip
    expressions = [found for text in sources for found in re.findall(r"\$\{([^{}]+)\}", text)]
    inputs = [text.encode() for text in sources if len(text) < 2048]
    inputs += [EXPRESSION + text.encode() for text in expressions]
    for number, data in enumerate(dict.fromkeys(inputs)):
        (folder / f"{number:05}").write_bytes(data)


def cases(yaml, file: Path) -> list[dict]:
    return [case for group in yaml.safe_load(file.read_text()) for case in group["cases"]]


def words(file: Path) -> None:
    """Keywords and operators, so that they need not be found letter by letter."""
    from emulator.workflows.library.catalog import LIBRARY

    kept = """main params steps assign call args result switch condition next for value index in
    range parallel shared branches try retry predicate max_retries backoff initial_delay max_delay
    multiplier except as raise return end break continue concurrency_limit exception_policy
    continueAll and or not true false null ${ } // % == != <= >= && || <<: !!binary !!timestamp
    &a *a | > --- ...""".split()  # noqa: SIM905  # reads better
    file.write_text("".join(f"{json.dumps(word)}\n" for word in [*kept, *LIBRARY]))


def main(argv: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "seeds").mkdir()
        seeds(folder / "seeds")
        words(folder / "words")
        given = {argument.partition("=")[0] for argument in argv[1:]}
        options = [f"{key}={value}" for key, value in DEFAULTS.items() if key not in given]
        if not [argument for argument in argv[1:] if not argument.startswith("-")]:
            options += [f"-dict={folder / 'words'}", str(folder / "seeds")]
        count = Count()
        sys.setrecursionlimit(1000)
        atheris.Setup([*argv, *options], lambda data: told(data, count))
        atheris.Fuzz()


def told(data: bytes, count: Count) -> None:
    """libFuzzer ends the process by itself, so the sum is shown from time to time."""
    one(data, count)
    if count.inputs % 10_000 == 0:
        sys.stderr.write(f"{count}\n")


if __name__ == "__main__":
    main(sys.argv)

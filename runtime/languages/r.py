"""One R block: its inputs as CSV files, a script around its code, its result as a CSV file.

Mage: "R blocks". The functions' names are fixed; inputs come as `df_1 …` and positionally,
variables as the named character vector `global_vars`. The block's code is read from its own
file, so that R knows its lines: what it says of an error leads there.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from threading import Timer
from typing import Any

from runtime.context import Context
from runtime.errors import SettingsProblem
from runtime.languages.errors import RError
from runtime.languages.tables import as_table
from runtime.libraries import library

FUNCTIONS = {"data_loader": "load_data", "transformer": "transform", "data_exporter": "export_data"}
"""Kind → the function that a block of it defines (Mage: "R blocks")."""
LAST_LINES = 20
PROLOGUE = """\
options(keep.source = TRUE, warn = 1)
global_vars <- c({variables})
{inputs}
..failed.. <- function(error) {{
  line <- 0L
  for (frame in sys.frames()) {{  # source() itself: which expression of the file it is at
    at <- if (exists("srcrefs", frame, inherits = FALSE)) try(frame$srcrefs[[frame$i]], TRUE)
    if (inherits(at, "srcref")) line <- at[[1]]
  }}
  for (call in sys.calls()) {{
    where <- attr(call, "srcref")
    file <- if (is.null(where)) NULL else attr(where, "srcfile")$filename
    if (!is.null(file) && identical(file, {code})) line <- where[[1]]
  }}
  writeLines(c(as.character(line), conditionMessage(error)), {failure}, useBytes = TRUE)
}}
"""
CALL = """\
df <- withCallingHandlers({{
  source({code}, keep.source = TRUE, encoding = "UTF-8")
  if (!exists("{function}", globalenv(), mode = "function", inherits = FALSE))
    stop("this block defines no function named {function}")
  {function}({arguments})
}}, error = ..failed..)
"""
OUTPUT = """\
if (!is.null(df)) {{
  write.csv(df, {output}, row.names = FALSE, na = "", fileEncoding = "UTF-8")
}}
"""


@dataclass(frozen=True, slots=True)
class Files:
    """Where the parts of one call lie."""

    code: str
    """The block's own file."""
    inputs: tuple[str | None, ...]
    """CSV of each upstream block; None for a table without columns, which CSV cannot say."""
    output: str
    failure: str


def script(kind: str, files: Files, variables: Mapping[str, Any]) -> str:
    """The whole R script of one call."""
    names = [f"df_{number}" for number in range(1, len(files.inputs) + 1)]
    parts = {
        "variables": ", ".join(_named(variables)),
        "inputs": "\n".join(map(_read, names, files.inputs)),
        "function": FUNCTIONS[kind],
        "arguments": ", ".join(names),
        "code": quoted(files.code),
        "output": quoted(files.output),
        "failure": quoted(files.failure),
    }
    text = PROLOGUE + CALL + ("" if kind == "data_exporter" else OUTPUT)
    return text.format(**parts)


def _named(variables: Mapping[str, Any]) -> Iterator[str]:
    """A vector has one type, so every value is a text; what is None is left out."""
    for name, value in variables.items():
        if value is not None:
            yield f"{quoted(str(name))} = {quoted(_text(value))}"


def _text(value: Any) -> str:
    """As R itself would turn it into text."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str | int | float | datetime | date):
        return str(value)
    return json.dumps(value, default=str, ensure_ascii=False)


def _read(name: str, path: str | None) -> str:
    if path is None:
        return f"{name} <- data.frame()"
    return f'{name} <- read.csv({quoted(path)}, na.strings = "", fileEncoding = "UTF-8")'


def quoted(text: str) -> str:
    """A text as R writes it: JSON's escapes are R's, but R's texts hold no NUL."""
    return json.dumps(text.replace("\0", ""), ensure_ascii=False)


# -- running it -----------------------------------------------------------------------------


def run_r(context: Context, values: Callable[[str], Any], kwargs: Mapping[str, Any]) -> Any:
    """The table that the block's function returned; None from an exporter."""
    program = shutil.which("Rscript")
    if program is None:
        raise SettingsProblem(
            "this block is written in R, and there is no Rscript on this machine; "
            "on Debian: apt-get install r-base-core"
        )
    with tempfile.TemporaryDirectory(prefix="r-") as folder:
        tables = [as_table(values(uuid), uuid) for uuid in context.spec.upstream]
        files = _laid_out(Path(folder), context.file, tables)
        place = Path(folder, "block.R")
        place.write_text(script(context.spec.type, files, _variables(kwargs)), encoding="utf-8")
        _execute([program, "--vanilla", str(place)], context, Path(files.failure))
        return _result(Path(files.output))


def _variables(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """What speaks of the run; not the objects that only Python can use."""
    return {name: value for name, value in kwargs.items() if name not in ("context", "logger")}


def _laid_out(folder: Path, code: str, tables: Sequence[Any]) -> Files:
    inputs: list[str | None] = []
    for number, table in enumerate(tables, 1):
        path = folder / f"df_{number}.csv"
        table.to_csv(path, index=False)
        inputs.append(str(path) if len(table.columns) else None)
    return Files(code, tuple(inputs), str(folder / "data.csv"), str(folder / "failure"))


def _execute(command: list[str], context: Context, failure: Path) -> None:
    """What R says is the block's log; it ends with the call, whatever ends that."""
    said: list[str] = []
    with (
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as process,
        _ended_in_time(process, context.spec.timeout),
    ):
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="")
            said.append(line.rstrip())
        process.wait()
    if process.returncode:
        raise _error(context.file, failure, process.returncode, said[-LAST_LINES:])


@contextmanager
def _ended_in_time(process: subprocess.Popen[str], seconds: float | None) -> Iterator[None]:
    """Whoever waits for its output cannot be interrupted, so a clock of its own stops it."""
    clock = Timer(seconds, process.kill) if seconds else None
    if clock:
        clock.start()
    try:
        yield
    finally:
        if clock:
            clock.cancel()
        process.kill()


def _error(code: str, failure: Path, status: int, said: list[str]) -> RError:
    if not failure.exists():
        return RError("\n".join([f"R ended with exit code {status}", *said]), file=code)
    first, _, message = failure.read_text(encoding="utf-8", errors="replace").partition("\n")
    place, _, rest = message.strip().removeprefix(f"{code}:").partition(":")
    if message.startswith(f"{code}:") and place.isdigit():  # R could not even parse it
        return RError(rest.partition(":")[2].strip(), file=code, line=int(place))
    return RError(message.strip(), file=code, line=int(first))


def _result(path: Path) -> Any:
    """Empty fields are missing values, also in columns of text, where "NA" is a word."""
    if not path.exists():
        return None
    pandas = library("pandas", feature="an R block")
    if path.stat().st_size <= len('""\n'):
        return pandas.DataFrame()
    return pandas.read_csv(path, keep_default_na=False, na_values=[""])

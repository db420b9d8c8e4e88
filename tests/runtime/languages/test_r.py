"""R blocks: what the script says, and R itself where it is installed."""

from __future__ import annotations

import shutil
from datetime import datetime
from textwrap import dedent

import pytest

from runtime.errors import BlockTimeout, InputProblem
from runtime.languages.errors import RError
from runtime.languages.r import Files, quoted, script
from tests.runtime.project import Project

needs_r = pytest.mark.skipif(
    shutil.which("Rscript") is None, reason="no Rscript here (Debian: r-base-core)"
)
FILES = Files("/p/it.r", ("/t/df_1.csv", None), "/t/data.csv", "/t/failure")


def test_inputs_come_under_their_numbers_and_in_order() -> None:
    text = script("transformer", FILES, {})
    assert 'df_1 <- read.csv("/t/df_1.csv", na.strings = "", fileEncoding = "UTF-8")' in text
    assert "df_2 <- data.frame()" in text
    assert "transform(df_1, df_2)" in text
    assert 'write.csv(df, "/t/data.csv"' in text


@pytest.mark.parametrize(
    ("kind", "call"), [("data_loader", "load_data()"), ("data_exporter", "export_data()")]
)
def test_the_function_is_named_after_the_kind(kind: str, call: str) -> None:
    text = script(kind, Files("/p/it.r", (), "/t/data.csv", "/t/failure"), {})
    assert call in text
    assert ("write.csv" in text) == (kind == "data_loader")


def test_variables_are_a_vector_of_texts() -> None:
    given = {
        "n": 3,
        "on": True,
        "none": None,
        "at": datetime(2024, 5, 1),
        "list": [1],
        'say "x"': "é\n",
    }
    assert (
        r'global_vars <- c("n" = "3", "on" = "TRUE", "at" = "2024-05-01 00:00:00", '
        r'"list" = "[1]", "say \"x\"" = "é\n")' in script("data_loader", FILES, given)
    )


def test_a_text_cannot_end_its_quotes() -> None:
    assert quoted('a"; system("x") #\\\0') == r'"a\"; system(\"x\") #\\"'


def block(project: Project, code: str, kind: str = "transformer", **facts: object) -> None:
    upstream = facts.pop("upstream", ("load",) if kind != "data_loader" else ())
    uuid = str(facts.pop("uuid", "it"))
    project.block(uuid, code, kind=kind, language="r", upstream=upstream, **facts)  # type: ignore[arg-type]


@pytest.fixture
def shop(project: Project) -> Project:
    code = """
    import pandas as pd
    @data_loader
    def load():
        columns = {'item': ['NA', 'ä', None], 'n': [1, 2, None], 'ok': [True, False, True]}
        return pd.DataFrame(columns)
    """
    project.block("load", code)
    project.call("load")
    return project


@needs_r
def test_a_table_goes_through_r_and_back(shop: Project) -> None:
    code = """
    transform <- function(df_1, ...) {
      df_1$n <- df_1$n * 10
      df_1
    }
    """
    block(shop, code)
    assert shop.call("it").rows == 3
    frame = shop.received("it")
    assert frame["item"].tolist()[:2] == ["NA", "ä"]
    assert frame["item"].isna().tolist() == [False, False, True]
    assert frame["n"].tolist()[:2] == [10, 20]
    assert frame["ok"].tolist() == [True, False, True]


@needs_r
def test_a_chain_in_r_with_several_upstream_blocks_and_variables(project: Project) -> None:
    loader = 'load_data <- function() data.frame(city = global_vars["city"], n = 1:2)\n'
    block(project, loader, "data_loader", uuid="a", variables={"city": "Riga"})
    block(project, loader, "data_loader", uuid="b", variables={"city": "Oslo"})
    block(project, "transform <- function(x, y) rbind(x, y)\n", upstream=("a", "b"))
    block(
        project,
        'export_data <- function(df) write.csv(df, global_vars["place"])\n',
        "data_exporter",
        uuid="out",
        upstream=("it",),
        variables={"place": str(project.home / "out.csv")},
    )
    for uuid in ("a", "b", "it"):
        project.call(uuid)
    assert project.call("out").outputs == 0
    assert project.received("it")["city"].tolist() == ["Riga", "Riga", "Oslo", "Oslo"]
    assert "Oslo" in (project.home / "out.csv").read_text()


@needs_r
@pytest.mark.parametrize(
    ("code", "line", "message"),
    [
        (
            "f <- function(x) {\n  stop('no ', x)\n}\ntransform <- function(df) {\n  f(3)\n}\n",
            2,
            "no 3",
        ),
        ("transform <- function(df) {\n  df$x +\n}\n", 3, "unexpected '}'"),
        ("x <- 1\nlibrary(nosuchpackage)\n", 2, "no package called"),
        ("other <- function() 1\n", 0, "no function named transform"),
    ],
)
def test_an_error_says_where(shop: Project, code: str, line: int, message: str) -> None:
    block(shop, code)
    status, answer = shop.answer("it")
    failure = answer["error"]
    assert (status, failure["kind"], failure["type"]) == (500, "exception", "RError")
    assert message in failure["message"]
    assert (failure["file"], failure["line"]) == ("transformers/it.r", line)


@needs_r
def test_what_r_says_is_logged(shop: Project, capsys: pytest.CaptureFixture[str]) -> None:
    block(shop, 'transform <- function(df) {\n  print("rows")\n  message("seen")\n  df\n}\n')
    shop.call("it")
    said = capsys.readouterr().out
    assert '[1] "rows"' in said
    assert "seen" in said


@needs_r
def test_r_ends_with_the_time_that_a_block_has(shop: Project) -> None:
    block(shop, "transform <- function(df) { Sys.sleep(600); df }\n", timeout=0.5)
    with pytest.raises(BlockTimeout):
        shop.call("it")


@needs_r
def test_r_that_is_killed_is_told_of(shop: Project) -> None:
    code = "transform <- function(df) {\n  cat('before\\n')\n  quit(status = 7)\n}\n"
    block(shop, dedent(code))
    with pytest.raises(RError, match="exit code 7\nbefore"):
        shop.call("it")


@needs_r
def test_nothing_comes_of_null_and_of_no_rows_a_table(shop: Project) -> None:
    block(shop, "transform <- function(df) NULL\n", uuid="nothing")
    block(shop, "transform <- function(df) df[df$n > 5 & !is.na(df$n), ]\n", uuid="few")
    assert shop.call("nothing").outputs == 0
    assert shop.call("few").rows == 0
    assert list(shop.received("few")) == ["item", "n", "ok"]


@needs_r
def test_records_are_tables_and_other_values_are_refused(project: Project) -> None:
    project.block("load", "@data_loader\ndef load():\n    return {'n': 3}\n")
    project.block("text", "@data_loader\ndef load():\n    return 'words'\n")
    project.call("load")
    project.call("text")
    block(project, "transform <- function(df) df\n")
    block(project, "transform <- function(df) df\n", uuid="bad", upstream=("text",))
    assert project.call("it").rows == 1
    with pytest.raises(InputProblem, match="text left a str"):
        project.call("bad")

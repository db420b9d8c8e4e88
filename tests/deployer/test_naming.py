"""Names that the cloud accepts, from names that people choose."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployer import naming
from deployer.model import Block, PipelineId
from tests.deployer.making import block, pipeline

ANY = st.text(st.characters(codec="utf-8"), min_size=1, max_size=120)


def function_id(pipeline_name: str, block_name: str) -> str:
    named: Block = block(block_name)
    return naming.function_id(replace(pipeline(named), id=PipelineId(pipeline_name)), named)


@given(ANY, ANY)
def test_function_ids_are_services_names(first: str, second: str) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9-]{2,47}[a-z0-9]", function_id(first, second))


def test_short_names_stay_readable() -> None:
    assert function_id("api_to_postgres", "load_api_data") == "api-to-postgres-load-api-data"


def test_names_in_other_scripts_stay_apart() -> None:
    assert function_id("売上", "読む") != function_id("売上", "書く")


def test_long_names_are_cut_and_told_apart() -> None:
    first, second = function_id("p", "x" * 60 + "a"), function_id("p", "x" * 60 + "b")
    assert len(first) <= 49
    assert first != second


@given(st.lists(ANY, min_size=1, max_size=3))
def test_account_ids(parts: list[str]) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9-]{4,28}[a-z0-9]", naming.account_id(*parts))


@given(ANY)
def test_labels_and_secrets_and_steps(text: str) -> None:
    assert re.fullmatch(r"[a-z0-9_-]{0,63}", naming.label(text))
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,255}", naming.secret_id("shop", text))
    assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", naming.step_name(text))
    assert re.fullmatch(r"[A-Z0-9_]+", naming.token_env("p", text))


@given(ANY, ANY)
def test_trigger_ids_have_six_digits(first: str, second: str) -> None:
    assert 100_000 <= naming.trigger_id(first, second) < 1_000_000


@pytest.mark.parametrize(("name", "step"), [("a/b c", "a_b_c"), ("1st", "letter_1st")])
def test_steps(name: str, step: str) -> None:
    assert naming.step_name(name) == step


def test_url() -> None:
    url = naming.service_url("daily-load", "123", "europe-west1")
    assert url == "https://daily-load-123.europe-west1.run.app"

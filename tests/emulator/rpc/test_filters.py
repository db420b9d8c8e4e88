"""Google's filter language, and what is not of it."""

import pytest

from emulator.errors import ApiError
from emulator.rpc.filters import compile_filter

RECORD = {"state": "FAILED", "n": 5.0, "labels": {"team": "a b"}, "steps": ["x", "y"], "none": None}
FIELDS = {name: (lambda record, name=name: record[name]) for name in RECORD}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("", True),
        ("state=FAILED", True),
        ('state = "FAILED" n>4', True),
        ("state=FAILED AND n>5", False),
        ("state=OK OR n<=5 AND steps:x", True),
        ("(state=OK OR n=5) AND NOT steps:z", True),
        ("-state=OK", True),
        ("NOT (state=FAILED)", False),
        ("state!=OK", True),
        ("state:fail", True),
        ('labels.team="a b"', True),
        ("labels.team:*", True),
        ("labels:team", True),
        ("labels.none=x", False),
        ("none>1", False),
        ("none!=1", True),
        ("n>1970-01-01T00:00:04Z AND n<1970-01-02", True),
        ("n=5s", True),
    ],
)
def test_a_record_is_asked(text: str, holds: bool) -> None:
    assert compile_filter(text, FIELDS)(RECORD) is holds


@pytest.mark.parametrize(
    "text", ["state", "state=", "=x", "(state=x", "state=x)", "colour=red", 'state="x', "n.x=1 ]["]
)
def test_what_is_not_a_filter_is_refused(text: str) -> None:
    with pytest.raises(ApiError, match="Invalid filter"):
        compile_filter(text, FIELDS)


def test_a_number_must_be_one() -> None:
    with pytest.raises(ApiError, match="Invalid value in filter: 'many'"):
        compile_filter("n=many", FIELDS)(RECORD)

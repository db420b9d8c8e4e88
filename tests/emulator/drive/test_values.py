"""Every value of the language comes back from the journal as it went in."""

from hypothesis import given
from hypothesis import strategies as st

from emulator.drive.values import decode, encode

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("$"), inner),
    max_leaves=20,
)


@given(values)
def test_what_goes_in_comes_out(value: object) -> None:
    again = decode(encode(value))
    assert again == value
    assert repr(again) == repr(value)


def test_what_utf8_cannot_carry_is_carried() -> None:
    assert decode(encode({"a": "\ud800"})) == {"a": "\ud800"}


def test_a_map_that_looks_like_bytes_stays_a_map() -> None:
    value = [b"x", {"$": "aGk="}, {"$$": 1, "$a": 2}]
    assert decode(encode(value)) == value

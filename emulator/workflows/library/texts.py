"""text: strings count in code points, patterns are RE2 (Workflows: Standard library, text)."""

from __future__ import annotations

import functools
import re
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

import re2

from emulator.workflows.errors import value_error
from emulator.workflows.functions import REQUIRED, Context, Function
from emulator.workflows.library import checks


@functools.lru_cache(maxsize=256)
def pattern(text: str) -> Any:
    """A compiled RE2 pattern, leftmost-longest."""
    options = re2.Options()
    options.longest_match = True
    options.log_errors = False
    try:
        return re2.compile(text, options=options)
    except re2.error as mistake:
        raise value_error(f"invalid regular expression {text!r}: {reason(mistake)}") from None


def reason(mistake: Any) -> str:
    """The binding gives bytes."""
    found = mistake.args[0] if mistake.args else ""
    return found.decode(errors="replace") if isinstance(found, bytes) else str(found)


def find_all(_: Context, source: Any, substr: Any) -> list[int]:
    text, part = checks.text(source, "'source'"), not_empty(substr, "'substr'")
    return [match.start() for match in re.finditer(re.escape(part), text)]


def find_all_regex(_: Context, source: Any, regexp: Any) -> list[dict[str, Any]]:
    text = checks.text(source, "'source'")
    matches = pattern(checks.text(regexp, "'regexp'")).finditer(text)
    return [{"index": match.start(), "match": match.group()} for match in matches]


def match_regex(_: Context, source: Any, regexp: Any) -> bool:
    text = checks.text(source, "'source'")
    return pattern(checks.text(regexp, "'regexp'")).search(text) is not None


def replace_all(_: Context, source: Any, substr: Any, repl: Any) -> str:
    text, part = checks.text(source, "'source'"), not_empty(substr, "'substr'")
    return text.replace(part, checks.text(repl, "'repl'"))


def replace_all_regex(context: Context, source: Any, regexp: Any, repl: Any) -> str:
    text, new = checks.text(source, "'source'"), checks.text(repl, "'repl'")
    found = pattern(checks.text(regexp, "'regexp'"))
    if not context.choices.regex_groups:
        return str(found.sub(lambda _: new, text))
    return str(found.sub(lambda match: expand(match, new), text))


def expand(match: Any, template: str) -> str:
    r"""`\0` to `\9` stand for groups, `\\` for a backslash."""

    def piece(reference: re.Match[str]) -> str:
        digit = reference[1]
        if digit == "\\":
            return "\\"
        if int(digit) > match.re.groups:
            raise value_error(f"invalid group reference {digit} in the replacement")
        return match.group(int(digit)) or ""

    return re.sub(r"\\([0-9\\])", piece, template)


def split(_: Context, source: Any, separator: Any) -> list[str]:
    text = checks.text(source, "'source'")
    return text.split(not_empty(separator, "'separator'"))


def not_empty(value: Any, what: str) -> str:
    if not checks.text(value, what):
        raise value_error(f"{what} must not be empty")
    return str(value)


def substring(_: Context, source: Any, start: Any, end: Any) -> str:
    text = checks.text(source, "'source'")
    first, last = checks.integer(start, "'start'"), checks.integer(end, "'end'")
    if not 0 <= first <= last <= len(text):
        raise value_error(f"substring [{first}, {last}) is outside of a string of {len(text)}")
    return text[first:last]


def lower(_: Context, source: Any) -> str:
    return checks.text(source, "'source'").lower()


def upper(_: Context, source: Any) -> str:
    return checks.text(source, "'source'").upper()


def decode(_: Context, data: Any, charset: Any) -> str:
    raw = checks.data(data, "'data'")
    try:
        return raw.decode(checks.text(charset, "'charset'"))
    except (UnicodeError, LookupError) as mistake:
        raise value_error(f"cannot decode: {mistake}") from None


def encode(_: Context, source: Any, charset: Any) -> bytes:
    text = checks.text(source, "'text'")
    try:
        return text.encode(checks.text(charset, "'charset'"))
    except (UnicodeError, LookupError) as mistake:
        raise value_error(f"cannot encode: {mistake}") from None


BROKEN_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})")


def url_decode(_: Context, source: Any) -> str:
    text = checks.text(source, "'source'")
    if BROKEN_ESCAPE.search(text):
        raise value_error(f"invalid URL escape in {text!r}")
    try:
        return unquote_plus(text, errors="strict")
    except UnicodeError:
        raise value_error(f"invalid URL escape in {text!r}") from None


def url_encode(_: Context, source: Any) -> str:
    return quote(checks.text(source, "'source'"), safe="", errors="replace")


def url_encode_plus(_: Context, source: Any) -> str:
    return quote_plus(checks.text(source, "'source'"), safe="", errors="replace")


SOURCE = ("source", REQUIRED)
REGEXP = ("regexp", REQUIRED)
SUBSTR = ("substr", REQUIRED)
REPL = ("repl", REQUIRED)
CHARSET = ("charset", "UTF-8")

FUNCTIONS = (
    Function("text.find_all", (SOURCE, SUBSTR), find_all),
    Function("text.find_all_regex", (SOURCE, REGEXP), find_all_regex),
    Function("text.match_regex", (SOURCE, REGEXP), match_regex),
    Function("text.replace_all", (SOURCE, SUBSTR, REPL), replace_all),
    Function("text.replace_all_regex", (SOURCE, REGEXP, REPL), replace_all_regex),
    Function("text.split", (SOURCE, ("separator", REQUIRED)), split),
    Function("text.substring", (SOURCE, ("start", REQUIRED), ("end", REQUIRED)), substring),
    Function("text.to_lower", (SOURCE,), lower),
    Function("text.to_upper", (SOURCE,), upper),
    Function("text.decode", (("data", REQUIRED), CHARSET), decode),
    Function("text.encode", (("text", REQUIRED), CHARSET), encode),
    Function("text.url_decode", (SOURCE,), url_decode),
    Function("text.url_encode", (SOURCE,), url_encode),
    Function("text.url_encode_plus", (SOURCE,), url_encode_plus),
)

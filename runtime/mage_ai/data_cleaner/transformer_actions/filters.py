"""The filter language of transformer actions.

filter     = comparison, { ("and" | "or" | "&" | "|"), comparison } ; with parentheses and "not"
comparison = column, ("==" | "!=" | "<" | "<=" | ">" | ">=" | "contains" | "not contains"), value
value      = number | quoted text | true | false | null | another column
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_WORD = r"""'[^']*'|"[^"]*"|`[^`]*`|[^\s()'"<>=!&|]+"""
_COMPARISON = re.compile(rf"({_WORD})\s*(==|!=|<=|>=|<|>|not contains|contains)\s*({_WORD})")
_ALLOWED = re.compile(r"(?:m\[\d+\]|[()&|~\s])*")
_CONNECTIVES = ((r"\band\b", "&"), (r"\bor\b", "|"), (r"\bnot\b", "~"))
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_CONSTANTS = {"true": True, "false": False}


def matching(df: pd.DataFrame, code: str) -> pd.Series[bool]:
    """Which rows the filter lets through."""
    masks: list[Any] = []

    def masked(found: re.Match[str]) -> str:
        masks.append(_mask(df, found[1], found[2], found[3]))
        return f"(m[{len(masks) - 1}])"

    formula = _COMPARISON.sub(masked, code)
    for word, sign in _CONNECTIVES:
        formula = re.sub(word, sign, formula)
    if not masks or not _ALLOWED.fullmatch(formula):
        raise ValueError(f"cannot read the filter {code!r}")
    result: pd.Series[bool] = eval(formula, {"__builtins__": {}}, {"m": masks})  # noqa: S307 (nothing but masks, &, |, ~)
    return result


def _mask(df: pd.DataFrame, left: str, sign: str, right: str) -> Any:
    column = df[_unquoted(left)]
    if sign in ("contains", "not contains"):
        if not column.dropna().map(lambda cell: isinstance(cell, str)).all():
            raise TypeError(f"{sign!r} needs a column of texts; {_unquoted(left)!r} is not")
        found = column.str.contains(_unquoted(right), regex=False).fillna(False).astype(bool)
        return found if sign == "contains" else ~found
    if right == "null":
        missing = column.isna() | (column.astype(str).str.len() == 0)
        return missing if sign == "==" else ~missing
    return _COMPARE[sign](column, _value(df, right))


def _value(df: pd.DataFrame, text: str) -> Any:
    if text[0] in "'\"":
        return text[1:-1]
    if _unquoted(text) in df.columns:
        return df[_unquoted(text)]
    if text.lower() in _CONSTANTS:
        return _CONSTANTS[text.lower()]
    return float(text) if re.fullmatch(r"[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?", text) else text


def _unquoted(text: str) -> str:
    return text.strip("'\"`")

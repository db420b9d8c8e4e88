"""Strings, bytes, numbers and addresses that Python computes (Google: "String functions", "Net
functions", "Mathematical functions").
"""

from __future__ import annotations

import base64
import ipaddress
import math
import re
import unicodedata
from decimal import (
    ROUND_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Decimal,
    InvalidOperation,
    localcontext,
)
from functools import lru_cache
from typing import Any

from emulator.bigquery.dialect.farm import fingerprint

_URL = re.compile(r"\s*(?:[A-Za-z][\w+.-]*:)?(?://(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)|([^/?#:]*))")
_SMALLEST = Decimal("1e-9")
_SPEC = re.compile(r"%(?P<flags>[-+ #0']*)(?P<width>\d*)(?:\.(?P<places>\d+))?(?P<kind>[a-zA-Z%])")
_QUOTED = {"DATE": "DATE", "TIMESTAMP": "DATETIME", "TIME": "TIME", "DECIMAL": "NUMERIC",
           "TIMESTAMP WITH TIME ZONE": "TIMESTAMP"}  # fmt: skip


@lru_cache(256)
def _compiled(pattern: str) -> Any:
    import re2

    try:
        return re2.compile(pattern)
    except re2.error as error:
        raise ValueError(f"Cannot parse regular expression: {error}") from None


def _match(text: str, pattern: str, position: int, occurrence: int) -> Any:
    if position < 1 or occurrence < 1:
        raise ValueError("Position and occurrence must be positive")
    if position > len(text) + 1:
        return None
    at = position - 1
    compiled = _compiled(pattern)
    for _ in range(occurrence):
        found = compiled.search(text, at) if at <= len(text) else None
        if found is None:
            return None
        at = found.end() if found.end() > found.start() else found.end() + 1
    return found


def bq_regexp_at(text: str, pattern: str, position: int, occurrence: int) -> str | None:
    found = _match(text, pattern, position, occurrence)
    if found is None:
        return None
    got: str | None = found.group(1) if _compiled(pattern).groups else found.group(0)
    return got


def bq_regexp_instr(text: str, pattern: str, position: int, occurrence: int, end: int) -> int:
    if _compiled(pattern).groups > 1:
        raise ValueError(f"Regular expression has more than one capturing group: {pattern}")
    found = _match(text, pattern, position, occurrence) if pattern else None
    if found is None:
        return 0
    group = 1 if _compiled(pattern).groups else 0
    return int(found.end(group) if end else found.start(group)) + 1


def bq_format(pattern: str, texts: list[str], kinds: list[str]) -> str | None:
    """FORMAT; a value comes as its text and DuckDB's name of its type."""
    values = iter(zip(texts, kinds, strict=True))
    nulls: list[None] = []

    def one(found: re.Match[str]) -> str:
        if found["kind"] == "%":
            return "%"
        text, kind = next(values)
        if text is None and found["kind"] not in "tT":
            nulls.append(None)
            return ""
        return _formatted(found, text, kind)

    made = _SPEC.sub(one, pattern)
    if next(values, None) is not None:
        raise ValueError(f'Too many arguments to FORMAT for pattern "{pattern}"')
    return None if nulls else made


def _formatted(found: re.Match[str], text: str | None, kind: str) -> str:
    spec, flags = found["kind"], found["flags"]
    if spec in "tT" and (kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "JSON"))):
        raise ValueError(f"This emulator does not support FORMAT(%{spec}) of {kind}")
    if kind == "BLOB" and text is not None:
        text = _bytes_shown(bytes.fromhex(text), spec)
    places = f".{found['places']}" if found["places"] else ""
    if spec in "tTs":
        shown = "NULL" if text is None else _literal(text, kind) if spec == "T" else text
        return f"%{flags.replace(chr(39), '')}{found['width']}{places}s" % shown
    assert text is not None
    if spec in "diuxXo":
        if kind not in ("BIGINT", "INTEGER", "HUGEINT", "INTEGER_LITERAL"):
            raise ValueError(f"Invalid type for argument to FORMAT; Expected integer; Got {kind}")
        return _number(flags, found["width"], "d" if spec in "iu" else spec, int(text))
    if spec in "fFeEgG":
        return f"%{flags.replace(chr(39), '')}{found['width']}{places}{spec}" % float(text)
    raise ValueError(f"Invalid format specifier in FORMAT string: %{spec}")


def _bytes_shown(data: bytes, spec: str) -> str:
    """%T escapes what is not ASCII that can be printed; %t and %s take UTF-8."""
    if spec != "T":
        return bq_utf8(data)
    return repr(data)[2:-1].replace('"', '\\"').replace("\\'", "'")


def _number(flags: str, width: str, spec: str, value: int) -> str:
    if "'" not in flags:
        return f"%{flags}{width}{spec}" % value
    shown = f"{value:,}"
    return shown.ljust(int(width or 0)) if "-" in flags else shown.rjust(int(width or 0))


def _literal(text: str, kind: str) -> str:
    kind = kind.partition("(")[0]
    escaped = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if kind == "BLOB":
        return f'b"{text}"'
    if kind in ("VARCHAR", "STRING_LITERAL"):
        return escaped
    return f"{_QUOTED[kind]} {escaped}" if kind in _QUOTED else text


def bq_normalize(text: str, form: str) -> str:
    return unicodedata.normalize(form, text)  # type: ignore[arg-type]  # the macro names a form


def bq_casefold(text: str, form: str) -> str:
    return bq_normalize(bq_normalize(text, form).casefold(), form)


def bq_from_base32(text: str) -> bytes:
    return base64.b32decode(text)


def bq_to_base32(data: bytes) -> str:
    return base64.b32encode(data).decode()


def bq_safe_text(data: bytes) -> str:
    return data.decode(errors="replace")


def bq_utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise ValueError("Invalid cast of bytes to UTF8 string") from None


def bq_sha512(data: bytes) -> bytes:
    import hashlib

    return hashlib.sha512(data).digest()


def bq_farm(data: bytes) -> int:
    return fingerprint(data)


def bq_bytes_of(points: list[int]) -> bytes:
    return bytes(points)


def bq_points_of(data: bytes) -> list[int]:
    return list(data)


def bq_bits(data: bytes) -> int:
    return int.from_bytes(data).bit_count()


def bq_reverse_bytes(data: bytes) -> bytes:
    return data[::-1]


# -- numbers ------------------------------------------------------------------------------------


def bq_quotient(a: Decimal, b: Decimal) -> Decimal:
    with localcontext(prec=80):
        return (a / b).quantize(_SMALLEST, ROUND_HALF_UP)


def _at_place(x: Decimal, places: int, rounding: str) -> Decimal:
    with localcontext(prec=80):
        return x.quantize(Decimal(1).scaleb(-min(places, 9)), rounding).quantize(_SMALLEST)


def bq_half_even(x: Decimal, places: int) -> Decimal:
    return _at_place(x, places, ROUND_HALF_EVEN)


def bq_half_up_to(x: Decimal, places: int) -> Decimal:
    return _at_place(x, places, ROUND_HALF_UP)


def bq_cut(x: Decimal, places: int) -> Decimal:
    return _at_place(x, places, ROUND_DOWN)


def bq_parse_numeric(text: str) -> str:
    plain = re.sub(r"^\s*([-+]?)\s*", r"\1", text).replace(",", "").strip()
    if plain[-1:] in ("+", "-") and plain[:1] not in ("+", "-"):
        plain = plain[-1] + plain[:-1]
    try:
        return format(Decimal(plain), "f")
    except InvalidOperation:
        raise ValueError(f"Invalid input to PARSE_NUMERIC: {text}") from None


def bq_interval_text(months: int, days: int, micros: int) -> str:
    """`Y-M D H:M:S[.F]`"""
    years, rest = divmod(abs(months), 12)
    seconds, fraction = divmod(abs(micros), 1_000_000)
    tail = f".{fraction:06d}" if fraction % 1000 else f".{fraction // 1000:03d}"
    clock = f"{seconds // 3600}:{seconds // 60 % 60}:{seconds % 60}{tail if fraction else ''}"
    return f"{'-' * (months < 0)}{years}-{rest} {days} {'-' * (micros < 0)}{clock}"


def bq_cbrt(x: float) -> float:
    """Exact for cubes of whole numbers."""
    whole = round(math.cbrt(x))
    return float(whole) if whole**3 == x else math.cbrt(x)


# -- addresses ----------------------------------------------------------------------------------


def bq_net_host(url: str) -> str | None:
    found = _URL.match(url)
    if "//" in url:
        return (found and found[1]) or None
    return url.partition(":")[0].split("/", maxsplit=1)[0].strip() or None


def bq_net_ip(text: str) -> bytes:
    try:
        return ipaddress.ip_address(text).packed
    except ValueError:
        raise ValueError(f"NET.IP_FROM_STRING() encountered an unparseable IP-address: {text}"
                         ) from None  # fmt: skip


def bq_net_safe_ip(text: str) -> bytes | None:
    try:
        return ipaddress.ip_address(text).packed
    except ValueError:
        return None


def bq_net_text(data: bytes) -> str:
    return str(ipaddress.ip_address(data))


def bq_net_trunc(data: bytes, length: int) -> bytes:
    kept = int.from_bytes(data) >> (len(data) * 8 - length) << (len(data) * 8 - length)
    return kept.to_bytes(len(data))


def bq_net_mask(size: int, length: int) -> bytes:
    return ((1 << length) - 1 << size * 8 - length).to_bytes(size)


def bq_net_of_int(value: int) -> bytes:
    return (value & 0xFFFFFFFF).to_bytes(4)


def bq_net_to_int(data: bytes) -> int:
    return int.from_bytes(data)


_T, _I, _D, _N = "VARCHAR", "BIGINT", "BLOB", "DECIMAL(38,9)"
TEXT_NATIVES: list[tuple[Any, list[str], str]] = [
    (bq_regexp_at, [_T, _T, _I, _I], _T),
    (bq_regexp_instr, [_T, _T, _I, _I, _I], _I),
    (bq_format, [_T, f"{_T}[]", f"{_T}[]"], _T),
    (bq_normalize, [_T, _T], _T),
    (bq_casefold, [_T, _T], _T),
    (bq_from_base32, [_T], _D),
    (bq_to_base32, [_D], _T),
    (bq_safe_text, [_D], _T),
    (bq_utf8, [_D], _T),
    (bq_sha512, [_D], _D),
    (bq_farm, [_D], _I),
    (bq_bytes_of, [f"{_I}[]"], _D),
    (bq_points_of, [_D], f"{_I}[]"),
    (bq_bits, [_D], _I),
    (bq_reverse_bytes, [_D], _D),
    (bq_quotient, [_N, _N], _N),
    (bq_half_even, [_N, _I], _N),
    (bq_half_up_to, [_N, _I], _N),
    (bq_cut, [_N, _I], _N),
    (bq_parse_numeric, [_T], _T),
    (bq_interval_text, [_I, _I, _I], _T),
    (bq_cbrt, ["DOUBLE"], "DOUBLE"),
    (bq_net_host, [_T], _T),
    (bq_net_ip, [_T], _D),
    (bq_net_safe_ip, [_T], _D),
    (bq_net_text, [_D], _T),
    (bq_net_trunc, [_D, _I], _D),
    (bq_net_mask, [_I, _I], _D),
    (bq_net_of_int, [_I], _D),
    (bq_net_to_int, [_D], _I),
]

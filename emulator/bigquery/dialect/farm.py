"""FARM_FINGERPRINT: FarmHash's Fingerprint64, which never changes (Google: "Hash functions")."""

from __future__ import annotations

K0, K1, K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F
ALL = (1 << 64) - 1


def fingerprint(s: bytes) -> int:
    """As a signed INT64."""
    made = _hash(s) & ALL
    return made - (1 << 64) if made >> 63 else made


def _hash(s: bytes) -> int:
    if len(s) <= 16:
        return _to_16(s)
    if len(s) <= 32:
        return _to_32(s)
    return _to_64(s) if len(s) <= 64 else _long(s)


def _at(s: bytes, at: int, size: int = 8) -> int:
    return int.from_bytes(s[at : at + size], "little")


def _rotated(x: int, by: int) -> int:
    x &= ALL
    return (x >> by | x << (64 - by)) & ALL


def _mixed(x: int) -> int:
    x &= ALL
    return x ^ x >> 47


def _pair(u: int, v: int, mul: int) -> int:
    a = _mixed(((u ^ v) & ALL) * mul)
    return _mixed(((v ^ a) & ALL) * mul) * mul & ALL


def _to_16(s: bytes) -> int:
    n = len(s)
    mul = K2 + n * 2
    if n >= 8:
        a, b = _at(s, 0) + K2, _at(s, n - 8)
        return _pair((_rotated(b, 37) * mul + a) & ALL, (_rotated(a, 25) + b) * mul & ALL, mul)
    if n >= 4:
        return _pair(n + (_at(s, 0, 4) << 3), _at(s, n - 4, 4), mul)
    if n > 0:
        y, z = s[0] + (s[n >> 1] << 8), n + (s[n - 1] << 2)
        return _mixed((y * K2 ^ z * K0) & ALL) * K2 & ALL
    return K2


def _to_32(s: bytes) -> int:
    n = len(s)
    mul = K2 + n * 2
    a, b, c, d = _at(s, 0) * K1, _at(s, 8), _at(s, n - 8) * mul, _at(s, n - 16) * K2
    return _pair((_rotated(a + b, 43) + _rotated(c, 30) + d) & ALL,
                 (a + _rotated(b + K2, 18) + c) & ALL, mul)  # fmt: skip


def _to_64(s: bytes) -> int:
    n = len(s)
    mul = K2 + n * 2
    a, b, c, d = _at(s, 0) * K2, _at(s, 8), _at(s, n - 8) * mul, _at(s, n - 16) * K2
    y = (_rotated(a + b, 43) + _rotated(c, 30) + d) & ALL
    z = _pair(y, (a + _rotated(b + K2, 18) + c) & ALL, mul)
    e, f = _at(s, 16) * mul, _at(s, 24)
    g, h = (y + _at(s, n - 32)) * mul, (z + _at(s, n - 24)) * mul
    return _pair((_rotated(e + f, 43) + _rotated(g, 30) + h) & ALL,
                 (e + _rotated(f + a, 18) + g) & ALL, mul)  # fmt: skip


def _weak(s: bytes, at: int, a: int, b: int) -> tuple[int, int]:
    w, x, y, z = (_at(s, at + 8 * n) for n in range(4))
    a = (a + w) & ALL
    b = _rotated(b + a + z, 21)
    c, a = a, (a + x + y) & ALL
    return (a + z) & ALL, (b + _rotated(a, 44) + c) & ALL


def _long(s: bytes) -> int:
    n = len(s)
    x = (81 * K2 + _at(s, 0)) & ALL
    y = (81 * K1 + 113) & ALL
    z = _mixed(y * K2 + 113) * K2 & ALL
    v = w = (0, 0)
    end = (n - 1) // 64 * 64
    for at in range(0, end, 64):
        x, y, z, v, w = _round(s, at, (x, y, z), v, w, K1)
    mul = K1 + ((z & 0xFF) << 1)
    w = ((w[0] + ((n - 1) & 63)) & ALL, w[1])
    v = ((v[0] + w[0]) & ALL, v[1])
    w = ((w[0] + v[0]) & ALL, w[1])
    x, y, z, v, w = _round(s, end + ((n - 1) & 63) - 63, (x, y, z), v, w, mul, 9)
    return _pair((_pair(v[0], w[0], mul) + _mixed(y) * K0 + z) & ALL,
                 (_pair(v[1], w[1], mul) + x) & ALL, mul)  # fmt: skip


def _round(
    s: bytes, at: int, xyz: tuple[int, int, int], v: tuple[int, int], w: tuple[int, int],
    mul: int, by: int = 1,
) -> tuple[int, int, int, tuple[int, int], tuple[int, int]]:  # fmt: skip
    x, y, z = xyz
    x = _rotated(x + y + v[0] + _at(s, at + 8), 37) * mul & ALL
    y = _rotated(y + v[1] + _at(s, at + 48), 42) * mul & ALL
    x ^= w[1] * by & ALL
    y = (y + v[0] * by + _at(s, at + 40)) & ALL
    z = _rotated(z + w[0], 33) * mul & ALL
    v = _weak(s, at, v[1] * mul, x + w[0])
    w = _weak(s, at + 32, z + w[1], y + _at(s, at + 16))
    return z, y, x, v, w

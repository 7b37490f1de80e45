"""Canonical form: RFC 8785 (JCS), written from the RFC alone and used only to compute vectors."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

SHORT_ESCAPES = {8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}


def canonical(value: Any) -> str:
    """RFC 8785, section 3.2: the canonical text of None, bool, int, float, str, list and dict."""
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, (int, float)):
        return number(float(value))
    if isinstance(value, str):
        return string(value)
    if isinstance(value, list):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be"))
    return "{" + ",".join(string(k) + ":" + canonical(v) for k, v in members) + "}"


def string(text: str) -> str:
    """RFC 8785, section 3.2.2.2."""
    return '"' + "".join(_character(c) for c in text) + '"'


def _character(character: str) -> str:
    code = ord(character)
    if code in SHORT_ESCAPES:
        return SHORT_ESCAPES[code]
    return f"\\u{code:04x}" if code < 32 else character


def number(value: float) -> str:
    """ECMA-262, Number::toString, radix 10; Python's repr gives the shortest digits."""
    if value == 0:
        return "0"
    _, digits, exponent = Decimal(repr(abs(value))).as_tuple()
    assert isinstance(exponent, int), "a finite number"
    written = "".join(map(str, digits))
    s = written.rstrip("0") or "0"
    k, n = len(s), len(written) + exponent
    return ("-" if value < 0 else "") + _notation(s, k, n)


def _notation(s: str, k: int, n: int) -> str:
    if k <= n <= 21:
        return s + "0" * (n - k)
    if 0 < n <= 21:
        return s[:n] + "." + s[n:]
    if -6 < n <= 0:
        return "0." + "0" * -n + s
    mantissa = s if k == 1 else s[0] + "." + s[1:]
    return f"{mantissa}e{'+' if n > 0 else '-'}{abs(n - 1)}"


def sha256(text: str) -> str:
    """SHA-256 of the UTF-8 bytes of a text, lower-case hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()

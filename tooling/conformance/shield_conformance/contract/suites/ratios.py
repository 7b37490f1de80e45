"""Ratios and thresholds: exact decimals, compared without binary floating point (design, section 2)."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

from shield_conformance.suite import Suite, refused

suite = Suite("ratios", "design, section 2, ratios and thresholds of a policy are exact decimals")
CLAUSE = "design, section 2: ratios are exact decimals"


def add(id: str, title: str, part: str, ratio: Any, whole: str, order: int) -> None:
    exact = Fraction(part) - Fraction(str(ratio)) * Fraction(whole)
    assert order == (exact > 0) - (exact < 0), id
    text = json.dumps({"part": part, "ratio": ratio, "whole": whole})
    suite.add(id, CLAUSE, title, text, {"ok": True, "order": order})


add("full-balance", "99 % of 1 is 0.99, exactly", "0.99", "0.99", "1", 0)
add("full-balance-below", "one unit below 99 %", "0.98999999", "0.99", "1", -1)
add("full-balance-above", "one unit above 99 %", "0.99000001", "0.99", "1", 1)
add("number", "a number stands for its shortest decimal: 0.99 is 99/100", "0.99", 0.99, "1", 0)
add("sum-of-tenths", "0.3 is not 0.1 + 0.2 in binary", "0.3", 0.3, "1", 0)
add("large", "exact where doubles are not: 99 % of 90,071,992.54740993", "89171272.62193583", "0.99", "90071992.54740993", -1)
add("large-other", "and one unit more", "89171272.62193584", "0.99", "90071992.54740993", 1)
add("zero-whole", "any ratio of nothing is nothing", "0", "0.5", "0", 0)
add("above-one", "a ratio above one", "1.5", "1.5", "1", 0)
add("eighteen-places", "18 places of a ratio count", "1", "0.999999999999999999", "1", 1)

for id, ratio in [
    ("empty", '""'), ("space", '" 0.5"'), ("plus", '"+0.5"'), ("exponent", '"5e-1"'), ("percent", '"50%"'), ("fraction", '"1/2"'), ("comma", '"0,5"'), ("bare-point", '".5"'), ("open-point", '"1."'),
    ("nan", '"NaN"'), ("null", "null"), ("true", "true"), ("array", "[0.5]"),
]:
    suite.add(f"refused-{id}", CLAUSE, f"refuses the ratio {ratio}", f'{{"part":"1","ratio":{ratio},"whole":"1"}}', refused("invalid_decimal"))

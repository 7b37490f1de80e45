"""Amounts: exact, decimal strings on the wire (design, section 2; decision 2 on JSON numbers)."""

from __future__ import annotations

from fractions import Fraction

from shield_conformance.suite import Suite, refused

suite = Suite("amounts", "design, section 2, money is exact; docs/decisions/0002-amounts-as-json-numbers.md")
STRING = "design, section 2: an amount as a string"
NUMBER = "design, section 2: an amount as a number"
BAD = refused("invalid_amount", "")
UNITS_PER_COIN = 10**8


def amounts_of(number: float) -> list[int]:
    """Every amount whose nearest double is this number: the definition of decision 2."""
    near = round(Fraction(number) * UNITS_PER_COIN)
    return [u for u in range(near - 4, near + 5) if u >= 0 and float(Fraction(u, UNITS_PER_COIN)) == number]


def accept(id: str, clause: str, text: str, units: int, written: str) -> None:
    if not text.startswith('"'):
        assert amounts_of(float(text)) == [units], (text, amounts_of(float(text)))
    suite.add(id, clause, f"reads {text} as {units} base units", text, {"ok": True, "units": str(units), "text": written})


for id, text, units, written in [
    ("zero", "0", 0, "0"), ("one-unit", "0.00000001", 1, "0.00000001"), ("eight-places", "1234.56789012", 123456789012, "1234.56789012"), ("whole", "1", 100000000, "1"),
    ("trailing-zeros", "1.50000000", 150000000, "1.5"), ("zero-places", "0.00000000", 0, "0"), ("tenth", "0.1", 10000000, "0.1"), ("supply", "21000000000", 21 * 10**17, "21000000000"),
    ("above-2-53-units", "90071992.54740993", 2**53 + 1, "90071992.54740993"), ("neighbour-of-a-double", "67507063.77648891", 6750706377648891, "67507063.77648891"), ("other-neighbour", "67507063.77648892", 6750706377648892, "67507063.77648892"),
]:
    accept(f"string-{id}", STRING, f'"{text}"', units, written)

for id, text in [
    ("empty", ""), ("space-before", " 1"), ("space-after", "1 "), ("line-feed", "1\\n"), ("plus", "+1"), ("minus", "-1"), ("exponent", "1e3"), ("nine-places", "0.000000001"), ("nine-places-zero", "1.000000000"),
    ("point-alone", "."), ("open-point", "1."), ("bare-point", ".5"), ("comma", "1,5"), ("thousands", "1,000"), ("separator", "1_000"), ("hexadecimal", "0x10"), ("nan", "NaN"), ("infinity", "Infinity"), ("unit", "1 DGB"),
    ("two-points", "1.2.3"), ("full-width", "\uff11"), ("arabic", "\u0661"), ("words", "one"), ("many-digits", "9" * 40),
]:
    suite.add(f"string-refused-{id}", STRING, f'refuses "{text if len(text) < 20 else text[:8] + "…"}"', f'"{text}"', BAD)

for id, text, units, written in [
    ("zero", "0", 0, "0"), ("tenth", "0.1", 10000000, "0.1"), ("one-unit", "1e-8", 1, "0.00000001"), ("eight-places", "1234.56789012", 123456789012, "1234.56789012"), ("whole", "1.0", 100000000, "1"), ("exponent", "1e3", 10**11, "1000"),
    ("below-2-26", "67108863.99999999", 6710886399999999, "67108863.99999999"), ("whole-above-2-26", "80000000", 8 * 10**15, "80000000"), ("last-whole", "90071992", 9007199200000000, "90071992"), ("half-above-2-26", "80000000.5", 8000000050000000, "80000000.5"),
]:
    accept(f"number-{id}", NUMBER, text, units, written)

for id, title, text in [
    ("nine-places", "1e-9: more than 8 places", "1e-9"), ("sum", "0.1 + 0.2 as a double: 17 places", "0.30000000000000004"), ("third", "a third", "0.3333333333333333"), ("minus", "a negative number", "-1"),
    ("ambiguous", "a double that two amounts share", "67507063.77648891"), ("ambiguous-other", "the same double, written as the other amount", "67507063.77648892"),
    ("2-53-units", "2^53 base units", "90071992.54740992"), ("above-2-53-units", "90071993, above 2^53 base units", "90071993"), ("supply", "a whole number above 2^53 base units", "21000000000"),
]:
    if id.startswith("ambiguous"):
        assert amounts_of(float(text)) == [6750706377648891, 6750706377648892]
    suite.add(f"number-refused-{id}", NUMBER, f"refuses {title}", text, BAD)

for id, text in [("null", "null"), ("true", "true"), ("array", '["1"]'), ("object", '{"amount":"1"}')]:
    suite.add(f"type-{id}", STRING, f"refuses {text}", text, BAD)
suite.add("not-json", "design, section 3: numbers", "refuses a number that strict JSON refuses, with its own code", "1e400", refused("bad_number", ""))

"""Canonical form: RFC 8785 with its own examples, behind the strict parser (design, section 3)."""

from __future__ import annotations

import json
import struct

from shield_conformance.jcs import canonical, sha256
from shield_conformance.suite import Suite, refused

suite = Suite("canonical", "RFC 8785, sections 3.2.1 to 3.2.4 and appendix B; design, section 3")


def add(id: str, clause: str, title: str, text: str, expected: str) -> None:
    assert canonical(json.loads(text)) == expected, (id, canonical(json.loads(text)))
    suite.add(id, clause, title, text, {"ok": True, "canonical": expected, "sha256": sha256(expected)})


# RFC 8785, appendix B: IEEE 754 bits and the JSON number.
APPENDIX_B = [
    ("0000000000000000", "0", "zero"),
    ("8000000000000000", "0", "minus zero"),
    ("0000000000000001", "5e-324", "smallest positive"),
    ("8000000000000001", "-5e-324", "smallest negative"),
    ("7fefffffffffffff", "1.7976931348623157e+308", "largest positive"),
    ("ffefffffffffffff", "-1.7976931348623157e+308", "largest negative"),
    ("4340000000000000", "9007199254740992", "2^53"),
    ("c340000000000000", "-9007199254740992", "-2^53"),
    ("4430000000000000", "295147905179352830000", "2^68"),
    ("44b52d02c7e14af5", "9.999999999999997e+22", "below 1e23"),
    ("44b52d02c7e14af6", "1e+23", "1e23"),
    ("44b52d02c7e14af7", "1.0000000000000001e+23", "above 1e23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000", "two below 1e21"),
    ("444b1ae4d6e2ef4f", "999999999999999900000", "one below 1e21"),
    ("444b1ae4d6e2ef50", "1e+21", "1e21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7", "below 1e-6"),
    ("3eb0c6f7a0b5ed8d", "0.000001", "1e-6"),
    ("41b3de4355555553", "333333333.3333332", "a third of 1e9, two below"),
    ("41b3de4355555554", "333333333.33333325", "a third of 1e9, one below"),
    ("41b3de4355555555", "333333333.3333333", "a third of 1e9"),
    ("41b3de4355555556", "333333333.3333334", "a third of 1e9, one above"),
    ("41b3de4355555557", "333333333.33333343", "a third of 1e9, two above"),
    ("becbf647612f3696", "-0.0000033333333333333333", "a small negative"),
    ("43143ff3c1cb0959", "1424953923781206.2", "round to even"),
]


def appendix_b() -> None:
    c = "RFC 8785, appendix B"
    for bits, text, name in APPENDIX_B:
        value = struct.unpack(">d", bytes.fromhex(bits))[0]
        assert canonical(value) == text, (bits, canonical(value))
        written = f"[{'-0' if bits[0] == '8' and value == 0 else format(value, '.17e')}]"
        if value.is_integer() and abs(value) > 2**53 - 1:
            suite.add(f"number-{bits}", c, f"{name}: an integer outside 2^53−1 is refused before it is written", f"[{text}]", refused("bad_number", "/0"))
        else:
            add(f"number-{bits}", c, f"{name} is written {text}", written, f"[{text}]")


def numbers() -> None:
    c = "RFC 8785, section 3.2.2.3"
    for id, written, expected in [
        ("integer-point", "1.0", "1"), ("integer-exponent", "1e2", "100"), ("trailing-zeros", "4.50", "4.5"), ("minus-zero-point", "-0.0", "0"),
        ("underflow", "1e-400", "0"), ("underflow-negative", "-1e-400", "0"), ("max-integer", "9.007199254740991e15", "9007199254740991"), ("min-integer", "-9007199254740991.0", "-9007199254740991"),
        ("1e-7", "0.0000001", "1e-7"), ("1e-6", "1e-6", "0.000001"), ("tenth", "0.1000000000000000055511151231257827", "0.1"), ("sum", "0.30000000000000004", "0.30000000000000004"),
        ("1e15", "1e15", "1000000000000000"), ("half-above-2-51", "2251799813685248.5", "2251799813685248.5"), ("negative", "-2E-3", "-0.002"), ("halfway", "2.2250738585072011e-308", "2.225073858507201e-308"),
    ]:
        add(f"written-{id}", c, f"{written} is written {expected}", f"[{written}]", f"[{expected}]")


def rfc_examples() -> None:
    sample = '{"numbers": [333333333.33333329, %s4.50, 2e-3, 0.000000000000000000000000001],\n "string": "\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/",\n "literals": [null, true, false]}'
    add("rfc-sample", "RFC 8785, section 3.2.2", "the RFC's sample without its 1E30", sample % "", '{"literals":[null,true,false],"numbers":[333333333.3333333,4.5,0.002,1e-27],"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}')
    suite.add("rfc-sample-1e30", "design, section 3: numbers", "the RFC's sample as it stands: its 1E30 is an integer outside 2^53−1", sample % "1E30, ", refused("bad_number", "/numbers/1"))
    keys = '{"\\u20ac": "Euro Sign", "\\r": "Carriage Return", "\\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One", "\\ud83d\\ude00": "Emoji: Grinning Face", "\\u0080": "Control", "\\u00f6": "Latin Small Letter O With Diaeresis"}'
    add("rfc-sorting", "RFC 8785, section 3.2.3", "the RFC's sorting sample: U+1F600 comes before U+FB33", keys, '{"\\r":"Carriage Return","1":"One","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis","\u20ac":"Euro Sign","\U0001f600":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}')


def keys() -> None:
    c = "RFC 8785, section 3.2.3"
    add("keys-integers", c, "sorts integer-like keys as text", '{"10":1,"9":2,"1":3,"01":4,"-1":5}', '{"-1":5,"01":4,"1":3,"10":1,"9":2}')
    add("keys-prefix", c, "sorts a prefix first, the empty key before all", '{"ab":1,"a":2,"":3,"abc":4}', '{"":3,"a":2,"ab":1,"abc":4}')
    add("keys-case", c, "sorts upper case before lower case, the underscore between", '{"b":1,"_":2,"B":3,"a":4,"A":5}', '{"A":5,"B":3,"_":2,"a":4,"b":1}')
    add("keys-nested", c, "sorts on every level and keeps the order of arrays", '{"z":{"b":[{"y":1,"x":2},1],"a":{}},"a":[3,1,2]}', '{"a":[3,1,2],"z":{"a":{},"b":[{"x":2,"y":1},1]}}')
    add("keys-escaped", c, "sorts by the characters, not by how they are written", '{"\\u0062":1,"a":2}', '{"a":2,"b":1}')
    add("keys-astral", c, "sorts by UTF-16 units: U+10000 before U+E000", '{"\ue000":1,"\U00010000":2,"\ud7ff":3}', '{"\ud7ff":3,"\U00010000":2,"\ue000":1}')
    add("keys-not-normalized", c, "does not normalize", '{"\u00e9":1,"e\u0301":2}', '{"e\u0301":2,"\u00e9":1}')


def strings() -> None:
    c = "RFC 8785, section 3.2.2.2"
    add("string-short-escapes", c, "uses the short escapes", '"\\u0008\\u0009\\u000a\\u000c\\u000d\\u0022\\u005c"', '"\\b\\t\\n\\f\\r\\"\\\\"')
    controls = [i for i in range(32) if i not in (8, 9, 10, 12, 13)]
    add("string-controls", c, "writes other controls as lower-case \\u00xx", '"' + "".join(f"\\u{i:04X}" for i in controls) + '"', '"' + "".join(f"\\u{i:04x}" for i in controls) + '"')
    add("string-unescaped", c, "writes everything else as it is", '"\\u007f\\u0080\\u2028\\u2029\\ufeff\\u002f\\/\\u0027<>&"', '"\x7f\u0080\u2028\u2029\ufeff//\'<>&"')
    add("string-astral", c, "joins an escaped pair", '"\\ud83d\\ude00\\uDBFF\\uDFFD"', '"\U0001f600\U0010fffd"')
    suite.add("string-noncharacter", "design, section 3: noncharacters", "has no form for a noncharacter", '{"a":"\\uffff"}', refused("noncharacter", "/a"))
    add("string-key-escapes", c, "escapes keys as it does strings", '{"\\u0009\\"":1}', '{"\\t\\"":1}')


def shape() -> None:
    c = "RFC 8785, section 3.2.1"
    add("space-none", c, "writes no white space", ' { "a" : [ 1 , true , null ] , "b" : { } } ', '{"a":[1,true,null],"b":{}}')
    add("space-in-string", c, "keeps the white space of strings", '[ " a  b " ]', '[" a  b "]')
    for id, text in [("null", "null"), ("true", "true"), ("string", '""'), ("array", "[]"), ("object", "{}")]:
        add(f"top-{id}", c, f"writes {text} at the top", f" {text}\n", text)
    c = "contract v3, section 8.5"
    for id, text in [("a", '{"b":[1,0.5],"a":{"d":null,"c":"\u00e9"}}'), ("b", ' {"a" : {"c":"\\u00E9", "d":null},\n"b":[1.0, 5e-1]}')]:
        add(f"one-content-{id}", c, "one content has one canonical form, whatever its formatting", text, '{"a":{"c":"\u00e9","d":null},"b":[1,0.5]}')


for section in (appendix_b, numbers, rfc_examples, keys, strings, shape):
    section()

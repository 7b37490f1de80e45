"""Strict JSON: design, section 3; contract v3, section 8; RFC 8259 for the grammar."""

from __future__ import annotations

from shield_conformance.suite import Json, Suite, refused

LIMIT = 512_000
DEPTH = 32
MAX_INTEGER = 2**53 - 1

suite = Suite("strict-json", "design, section 3, strict JSON; contract v3, section 8; RFC 7493; RFC 8259")
OK = {"ok": True}


def clause(name: str) -> str:
    return f"design, section 3: {name}"


def nest(depth: int) -> list[tuple[str, int]]:
    return [("[", depth), ("]", depth)]


def size() -> None:
    c = clause("size")
    suite.add("size-exact", c, "accepts exactly 512,000 bytes", [('"', 1), ("a", LIMIT - 2), ('"', 1)], OK)
    suite.add("size-exact-spaces", c, "accepts 512,000 bytes, nearly all of them white space", [(" ", LIMIT - 2), ("{}", 1)], OK)
    suite.add("size-exact-multibyte", c, "accepts 512,000 bytes of two-byte characters", [('"', 1), ("\u00e9", LIMIT // 2 - 1), ('"', 1)], OK)
    too_large = refused("payload_too_large", "")
    suite.add("size-one-more", c, "refuses 512,001 bytes", [('"', 1), ("a", LIMIT - 1), ('"', 1)], too_large)
    suite.add("size-spaces", c, "refuses 512,001 bytes of which all but two are white space", [("{}", 1), (" ", LIMIT - 1)], too_large)
    suite.add("size-multibyte", c, "counts bytes, not characters: 256,002 characters are 512,002 bytes", [('"', 1), ("\u00e9", LIMIT // 2), ('"', 1)], too_large)
    suite.add("size-astral", c, "counts bytes, not UTF-16 units: 256,002 units are 512,002 bytes", [('"', 1), ("\U0001f600", LIMIT // 4), ('"', 1)], too_large)
    suite.add("size-first", c, "refuses for its size before it looks at the content", [("[", LIMIT + 1)], too_large)


def depth() -> None:
    c = clause("depth")
    suite.add("depth-32", c, "accepts 32 arrays", nest(DEPTH), OK)
    suite.add("depth-32-objects", c, "accepts 32 objects", [('{"a":', DEPTH - 1), ("{}", 1), ("}", DEPTH - 1)], OK)
    suite.add("depth-32-scalar", c, "does not count a scalar as a level", [("[", DEPTH), ("1", 1), ("]", DEPTH)], OK)
    suite.add("depth-33", c, "refuses 33 arrays at the 33rd", nest(DEPTH + 1), refused("depth_exceeded", "/0" * DEPTH))
    suite.add("depth-33-objects", c, "refuses 33 objects at the 33rd", [('{"a":', DEPTH), ("{}", 1), ("}", DEPTH)], refused("depth_exceeded", "/a" * DEPTH))
    suite.add("depth-33-second", c, "names the too deep one of two members", [("[1,", DEPTH), ("[]", 1), ("]", DEPTH)], refused("depth_exceeded", "/1" * DEPTH))
    suite.add("depth-250000", c, "refuses 250,000 levels without running out of stack", nest(250_000), refused("depth_exceeded", "/0" * DEPTH))
    suite.add("depth-siblings", c, "counts depth, not containers", [("[", 1), ("[],", 5000), ("[]]", 1)], OK)


def duplicate_keys() -> None:
    c = clause("duplicate keys")
    def dup(path: str) -> Json:
        return refused("duplicate_key", path)
    suite.add("duplicate-top", c, "refuses a key twice", '{"decision":"BLOCK","decision":"ALLOW"}', dup("/decision"))
    suite.add("duplicate-same-value", c, "refuses a key twice with one value", '{"a":1,"a":1}', dup("/a"))
    suite.add("duplicate-nested", c, "refuses a key twice inside an array inside an object", '{"x":[0,{"y":{"k":1,"j":2,"k":3}}]}', dup("/x/1/y/k"))
    suite.add("duplicate-escaped", c, "compares keys as characters, not as they are written", '{"a":1,"\\u0061":2}', dup("/a"))
    suite.add("duplicate-astral", c, "compares an escaped surrogate pair with the character", '{"\U0001f600":1,"\\ud83d\\ude00":2}', dup("/\U0001f600"))
    suite.add("duplicate-empty", c, "refuses the empty key twice", '{"":1,"":2}', dup("/"))
    suite.add("duplicate-pointer", c, "escapes / and ~ in the path", '{"a/b~c":{"~/":1,"~/":2}}', dup("/a~1b~0c/~0~1"))
    suite.add("duplicate-constructor", c, "refuses constructor twice", '{"constructor":1,"constructor":2}', dup("/constructor"))
    suite.add("same-key-elsewhere", c, "accepts one key in several objects", '[{"a":{"a":1}},{"a":2}]', OK)
    suite.add("key-case", c, "tells keys apart by case", '{"a":1,"A":2}', OK)
    suite.add("key-normalization", c, "does not normalize: \u00e9 and e with a combining accent are two keys", '{"\u00e9":1,"e\u0301":2}', OK)
    suite.add("key-inherited-names", c, "accepts names that JavaScript objects inherit", '{"constructor":1,"toString":2,"hasOwnProperty":3,"prototype":4}', OK)


def surrogates() -> None:
    c = clause("lone surrogates")
    def lone(path: str | None=None) -> Json:
        return refused("lone_surrogate", path)
    suite.add("surrogate-high", c, "refuses a high surrogate alone", '{"a":["x","\\ud800"]}', lone("/a/1"))
    suite.add("surrogate-low", c, "refuses a low surrogate alone", '"\\udc00"', lone(""))
    suite.add("surrogate-reversed", c, "refuses a pair in the wrong order", '["\\udc00\\ud800"]', lone("/0"))
    suite.add("surrogate-two-high", c, "refuses two high surrogates", '["\\ud83d\\ud83d"]', lone("/0"))
    suite.add("surrogate-interrupted", c, "refuses a pair with a character between", '["\\ud83d \\ude00"]', lone("/0"))
    suite.add("surrogate-key", c, "refuses a lone surrogate in a key", '{"\\ud800":1}', lone())
    suite.add("surrogate-pair", c, "accepts an escaped pair", '["\\ud83d\\ude00"]', OK)
    suite.add("surrogate-escaped-backslash", c, "accepts the characters backslash, u, d, 8, 0, 0", '["\\\\ud800"]', OK)


def noncharacters() -> None:
    c = clause("noncharacters")
    def bad(path: str | None=None) -> Json:
        return refused("noncharacter", path)
    edges = [0xFDD0, 0xFDEF] + [plane << 16 | last for plane in range(17) for last in (0xFFFE, 0xFFFF)]
    for point in edges:
        suite.add(f"nonchar-{point:x}", c, f"refuses U+{point:04X} in a string", f'{{"a":["x","y{chr(point)}z"]}}', bad("/a/1"))
    for id, written in [("bmp", "\\uFDD0"), ("last", "\\uffff"), ("astral", "\\ud83f\\udffe"), ("last-of-all", "\\uDBFF\\uDFFF")]:
        suite.add(f"nonchar-escaped-{id}", c, f"refuses a noncharacter written {written}", f'["{written}"]', bad("/0"))
    suite.add("nonchar-top", c, "refuses a noncharacter at the top", '"\ufffe"', bad(""))
    suite.add("nonchar-key", c, "refuses a noncharacter in a key", '{"\ufdd0":1}', bad())
    suite.add("nonchar-key-escaped", c, "refuses an escaped noncharacter in a key", '{"\\ud8bf\\udfff":1}', bad())
    suite.add("nonchar-after-surrogate", c, "refuses a noncharacter beside an escaped pair", '["\\ud83d\\ude00\ufffe"]', bad("/0"))
    for point in [0xFDCF, 0xFDF0, 0xFFFD, 0x1FFFD, 0x20000, 0x10FFFD]:
        suite.add(f"nonchar-near-{point:x}", c, f"accepts U+{point:04X}, its neighbour", f'["{chr(point)}"]', OK)
    suite.add("nonchar-unassigned", c, "accepts a code point without a character yet", '["\u0378\U000e0fff"]', OK)
    suite.add("nonchar-escaped-backslash", c, "accepts the characters backslash, u, f, f, f, e", '["\\\\ufffe"]', OK)


def encoding() -> None:
    c = clause("invalid UTF-8")
    bad = refused("invalid_utf8", "")
    for id, title, raw in [
        ("ff", "the byte FF", b'"\xff"'),
        ("continuation", "a continuation byte alone", b'"\x80"'),
        ("truncated", "a sequence cut short", b'"\xe2\x82"'),
        ("overlong", "an overlong slash", b'"\xc0\xaf"'),
        ("overlong-nul", "an overlong NUL", b'"\xc0\x80"'),
        ("surrogate", "a surrogate written as bytes", b'"\xed\xa0\x80"'),
        ("cesu", "a pair of surrogates written as bytes", b'"\xed\xa0\xbd\xed\xb8\x80"'),
        ("beyond", "a code point above U+10FFFF", b'"\xf4\x90\x80\x80"'),
        ("latin1", "Latin-1", b'"caf\xe9"'),
        ("in-key", "a bad byte in a key", b'{"\xff":1}'),
        ("utf16", "UTF-16 with its mark", b"\xff\xfe{\x00}\x00"),
    ]:
        suite.add(f"utf8-{id}", c, f"refuses {title}", raw, bad)
    suite.add("utf8-longest", c, "accepts sequences of one to four bytes", '["a\u00e9\u20ac\U0001f600\U0010fffd"]'.encode(), OK)
    c = clause("byte order mark")
    suite.add("bom", c, "refuses a byte order mark", b"\xef\xbb\xbf{}", refused("byte_order_mark", ""))
    suite.add("bom-alone", c, "refuses a byte order mark and nothing else", b"\xef\xbb\xbf", refused("byte_order_mark", ""))
    suite.add("bom-inside-string", c, "accepts U+FEFF inside a string", '["\ufeff"]', OK)
    suite.add("bom-at-end", c, "does not take U+FEFF for white space", "{}\ufeff", refused("invalid_json"))


def forbidden_key() -> None:
    c = clause("__proto__ as a key")
    suite.add("proto-top", c, "refuses __proto__", '{"__proto__":{"admin":true}}', refused("forbidden_key", "/__proto__"))
    suite.add("proto-nested", c, "refuses __proto__ deeper", '{"x":[{"__proto__":1}]}', refused("forbidden_key", "/x/0/__proto__"))
    suite.add("proto-escaped", c, "refuses __proto__ written with escapes", '{"\\u005f_proto\\u005f_":1}', refused("forbidden_key", "/__proto__"))
    suite.add("proto-value", c, "accepts __proto__ as a value", '{"name":"__proto__"}', OK)
    suite.add("proto-like", c, "accepts keys that only resemble it", '{"__proto":1,"proto__":2,"__PROTO__":3}', OK)


def numbers() -> None:
    c = clause("numbers")
    for id, text in [
        ("overflow", "1e400"), ("overflow-negative", "-1e400"), ("overflow-plain", "1" + "0" * 400),
        ("2-53", str(2**53)), ("minus-2-53", str(-(2**53))), ("2-53-plus-1", str(2**53 + 1)),
        ("2-53-point", f"{2**53}.0"), ("2-53-exponent", "9.007199254740992e15"), ("2-53-exponent-upper", "9007199254740992E0"),
        ("1e16", "1e16"), ("1e308", "1e308"), ("largest-double", "1.7976931348623157e308"), ("20-digits", "12345678901234567890"),
    ]:
        suite.add(f"number-{id}", c, f"refuses {text[:24]}{'…' if len(text) > 24 else ''}", f'{{"a":[0,{text}]}}', refused("bad_number", "/a/1"))
    suite.add("number-top", c, "refuses a bad number at the top", "1e400", refused("bad_number", ""))
    suite.add("number-empty-key", c, "names the empty key", '{"":1e400}', refused("bad_number", "/"))
    for id, text in [
        ("2-53-minus-1", str(MAX_INTEGER)), ("minus-2-53-plus-1", str(-MAX_INTEGER)), ("2-53-minus-1-point", f"{MAX_INTEGER}.0"),
        ("2-53-minus-1-exponent", "9.007199254740991e15"), ("1e15", "1e15"), ("underflow", "1e-400"), ("underflow-negative", "-1e-400"),
        ("minus-zero", "-0"), ("minus-zero-point", "-0.0"), ("zero-exponent", "0e999999999"), ("smallest-double", "5e-324"),
        ("half-above-2-51", "2251799813685248.5"), ("many-digits", "0." + "1" * 300), ("exponent-plus", "1E+2"),
    ]:
        suite.add(f"number-ok-{id}", c, f"accepts {text[:24]}{'…' if len(text) > 24 else ''}", f"[{text}]", OK)
    c = "contract v3, section 8.4"
    for id, text in [("nan", "NaN"), ("infinity", "Infinity"), ("minus-infinity", "-Infinity"), ("nan-lower", "nan"), ("inf", "inf")]:
        suite.add(f"number-{id}", c, f"refuses {text}", f"[{text}]", refused("invalid_json", "/0"))


def grammar() -> None:
    c = clause("anything JSON.parse refuses")
    bad = refused("invalid_json")
    for id, text in [
        ("empty", ""), ("spaces", " \n"), ("open-object", "{"), ("open-array", "[1"), ("open-string", '"a'), ("two-values", "1 2"),
        ("trailing-comma-object", '{"a":1,}'), ("trailing-comma-array", "[1,]"), ("leading-comma", "[,1]"), ("double-comma", "[1,,2]"),
        ("missing-colon", '{"a" 1}'), ("missing-value", '{"a":}'), ("missing-comma", '{"a":1 "b":2}'), ("number-key", "{1:2}"), ("bare-key", "{a:1}"),
        ("leading-zero", "[01]"), ("minus-leading-zero", "[-01]"), ("plus", "[+1]"), ("bare-point", "[.5]"), ("open-point", "[5.]"),
        ("open-exponent", "[1e]"), ("open-exponent-sign", "[1e+]"), ("minus-alone", "[-]"), ("hexadecimal", "[0x10]"), ("separator", "[1_000]"),
        ("single-quotes", "['a']"), ("comment-line", "[1]//x"), ("comment-block", "/**/[1]"), ("true-upper", "True"), ("true-longer", "truex"), ("undefined", "undefined"), ("half-word", "nul"),
        ("raw-tab", '"\t"'), ("raw-line-feed", '"\n"'), ("raw-nul", '"\0"'), ("raw-1f", '"\x1f"'),
        ("escape-x", '"\\x41"'), ("escape-short", '"\\u12"'), ("escape-not-hex", '"\\u12g4"'), ("escape-open", '"\\'), ("escape-quote", "\"\\'\""),
        ("vertical-tab", "\v1"), ("form-feed", "1\f"), ("no-break-space", "\u00a01"), ("line-separator", "1\u2028"), ("nul-at-end", "1\0"), ("mismatch", "[1}"), ("close-alone", "]"),
    ]:
        suite.add(f"grammar-{id}", c, f"refuses {id.replace('-', ' ')}", text, bad)
    c = clause("what JSON is")
    for id, title, text in [
        ("empty-object", "an empty object", "{}"), ("empty-array", "an empty array", "[ ]"), ("string-top", "a string at the top", '""'), ("null-top", "null at the top", "null"),
        ("white-space", "all four kinds of white space", ' \t\r\n{ "a" :\t[ 1 ,\n2 ]\r} '), ("escapes", "every escape", '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00E9\\u00e9"'),
        ("escaped-nul", "an escaped NUL", '"\\u0000"'), ("raw-7f", "U+007F as it is", '"\x7f"'), ("separators", "U+2028 and U+2029 as they are", '"\u2028\u2029"'), ("numbers", "every form of number", "[0,-1,1.5,1e2,1E-2,-0.5e+1]"),
    ]:
        suite.add(f"json-{id}", c, f"accepts {title}", text, OK)


for section in (size, depth, duplicate_keys, surrogates, noncharacters, encoding, forbidden_key, numbers, grammar):
    section()

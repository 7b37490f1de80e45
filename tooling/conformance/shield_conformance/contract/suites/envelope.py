"""The signal envelope: nine keys, each with its rule (design, section 3; contract v3, section 4)."""

from __future__ import annotations

import json
from typing import Any

from shield_conformance.contract.envelopes import ABSENT, KEYS, signal
from shield_conformance.jcs import canonical, sha256
from shield_conformance.suite import Json, Suite, refused

suite = Suite("envelope", "contract v3, section 4; design, section 3, signal envelope")
BAD = "invalid_envelope"


def rule(key: str) -> str:
    return f"design, section 3: envelope, {key}"


def accept(id: str, clause: str, title: str, envelope: Json, text: str | None=None) -> None:
    written = canonical(envelope)
    suite.add(id, clause, title, text or json.dumps(envelope), {"ok": True, "canonical": written, "sha256": sha256(written)})


def refuse(id: str, clause: str, title: str, envelope: Any, path: str) -> None:
    suite.add(id, clause, title, envelope if isinstance(envelope, str) else json.dumps(envelope), refused(BAD, path))


def whole() -> None:
    c = "contract v3, section 4.1"
    accept("valid", c, "accepts a valid envelope", signal())
    accept("any-order", c, "accepts its keys in any order and any formatting", signal(), json.dumps(dict(reversed(signal().items())), indent=3))
    for id, text in [("null", "null"), ("array", "[]"), ("string", '"ALLOW"'), ("number", "3"), ("true", "true")]:
        refuse(f"not-object-{id}", c, f"refuses {text}", text, "")
    suite.add("not-json", c, "refuses what is not strict JSON with that code", '{"a":1,"a":2}', refused("duplicate_key", "/a"))
    for key in KEYS:
        refuse(f"missing-{key}", "contract v3, section 4.2", f"refuses an envelope without {key}", signal(**{key: ABSENT}), f"/{key}")
        refuse(f"null-{key}", "contract v3, section 4.2", f"refuses null as {key}", signal(**{key: None}), f"/{key}")
    for key in ("signature", "Decision", "", "a/b"):
        refuse(f"unknown-key-{key.replace('/', '-') or 'empty'}", rule("exactly nine keys"), f'refuses the unknown key "{key}"', signal(**{key: "x"}), "/" + key.replace("/", "~1"))


def contract_version() -> None:
    c = rule("contract_version")
    for id, value in [("2", 2), ("4", 4), ("string", "3"), ("fraction", 3.5), ("zero", 0), ("negative", -3), ("true", True), ("array", [3])]:
        refuse(f"version-{id}", c, f"refuses {json.dumps(value)}", signal(contract_version=value), "/contract_version")
    text = json.dumps(signal())
    for id, written in [("point", "3.0"), ("exponent", "3e0"), ("exponent-negative", "30e-1")]:
        accept(f"version-{id}", c, f"accepts the integer 3 written {written}", signal(), text.replace('"contract_version": 3', f'"contract_version": {written}'))


def component() -> None:
    c = rule("component")
    for id, value in [("one", "a"), ("64", "a" * 64), ("all-kinds", "z9_0_a")]:
        accept(f"component-{id}", c, f"accepts {id.replace('-', ' ')}", signal(component=value))
    for id, value in [
        ("empty", ""), ("65", "a" * 65), ("digit-first", "1a"), ("underscore-first", "_a"), ("upper", "Sentinel"), ("hyphen", "a-b"), ("point", "a.b"), ("space", " a"), ("space-after", "a "),
        ("line-feed", "a\n"), ("accent", "s\u00e9ntinel"), ("full-width", "a\uff11"), ("number", 7), ("array", ["a"]), ("object", {}),
    ]:
        refuse(f"component-refused-{id}", c, f"refuses {id.replace('-', ' ')}", signal(component=value), "/component")


def request_id() -> None:
    c = rule("request_id")
    for id, value in [("one", "x"), ("128", "x" * 128), ("128-astral", "\U0001f600" * 128), ("space-inside", "a b"), ("accents", "\u00e9\u4e2d"), ("punctuation", "/~\"\\<>")]:
        accept(f"id-{id}", c, f"accepts {id.replace('-', ' ')}", signal(request_id=value))
    for id, value in [
        ("empty", ""), ("129", "x" * 129), ("129-astral", "\U0001f600" * 129), ("space-before", " x"), ("space-after", "x "), ("space-alone", " "), ("no-break-space", "\u00a0x"), ("ideographic-space", "x\u3000"), ("line-separator", "x\u2028"),
        ("tab", "a\tb"), ("line-feed", "x\n"), ("nul", "a\0b"), ("control-01", "a\x01b"), ("delete", "a\x7fb"), ("control-85", "a\u0085b"), ("control-9f", "a\u009fb"), ("number", 1), ("true", True), ("array", ["x"]),
    ]:
        refuse(f"id-refused-{id}", c, f"refuses {id.replace('-', ' ')}", signal(request_id=value), "/request_id")
    for point in (0xFDD0, 0xFFFF, 0x10FFFE):
        suite.add(f"id-noncharacter-{point:x}", "design, section 3: noncharacters", f"refuses U+{point:04X} in an identifier", json.dumps(signal(request_id=f"x{chr(point)}")), refused("noncharacter", "/request_id"))


def context_hash() -> None:
    c = rule("context_hash")
    accept("hash-zeros", c, "accepts 64 hexadecimal digits, whatever they say", signal(context_hash="0" * 64))
    for id, value in [("63", "a" * 63), ("65", "a" * 65), ("empty", ""), ("upper", "A" * 64), ("g", "g" * 64), ("prefix", "0x" + "a" * 62), ("space", "a" * 64 + " "), ("line-feed", "a" * 64 + "\n"), ("number", 0)]:
        refuse(f"hash-refused-{id}", c, f"refuses {id.replace('-', ' ')}", signal(context_hash=value), "/context_hash")


def decision() -> None:
    c = rule("decision")
    for value in ("ALLOW", "WARN", "BLOCK", "ERROR"):
        accept(f"decision-{value}", c, f"accepts {value}", signal(decision=value))
    for id, value in [("lower", "allow"), ("mixed", "Allow"), ("space", "ALLOW "), ("empty", ""), ("guardian", "REJECT"), ("true", True), ("zero", 0), ("array", ["ALLOW"])]:
        refuse(f"decision-refused-{id}", c, f"refuses {json.dumps(value)}", signal(decision=value), "/decision")


def risk() -> None:
    c = rule("risk")
    for score, tier in [(0, "LOW"), (1, "CRITICAL"), (0.5, "HIGH"), (1e-7, "LOW"), (0.9999999999999999, "MEDIUM")]:
        accept(f"risk-{score}-{tier}", c, f"accepts {score} with {tier}: the two are not compared", signal(risk={"score": score, "tier": tier}))
    for id, value in [("negative", -0.1), ("above", 1.0000000000000002), ("percent", 50), ("string", "0.5"), ("null", None), ("true", True), ("array", [0.5])]:
        refuse(f"score-refused-{id}", c, f"refuses a score of {json.dumps(value)}", signal(risk={"score": value, "tier": "LOW"}), "/risk/score")
    for id, value in [("lower", "low"), ("unknown", "SEVERE"), ("empty", ""), ("space", "LOW "), ("number", 0), ("null", None)]:
        refuse(f"tier-refused-{id}", c, f"refuses a tier of {json.dumps(value)}", signal(risk={"score": 0, "tier": value}), "/risk/tier")
    refuse("risk-without-score", c, "refuses a risk without score", signal(risk={"tier": "LOW"}), "/risk/score")
    refuse("risk-without-tier", c, "refuses a risk without tier", signal(risk={"score": 0}), "/risk/tier")
    refuse("risk-unknown-key", c, "refuses a third key", signal(risk={"score": 0, "tier": "LOW", "note": ""}), "/risk/note")
    for id, value in [("number", 0.5), ("array", [0, "LOW"]), ("string", "LOW")]:
        refuse(f"risk-refused-{id}", c, f"refuses {json.dumps(value)}", signal(risk=value), "/risk")


def reason_codes() -> None:
    c = rule("reason_codes")
    accept("codes-none", c, "accepts none", signal(reason_codes=[]))
    accept("codes-1024", c, "accepts 1,024", signal(reason_codes=[f"C{i}" for i in range(1024)]))
    accept("codes-128-characters", c, "accepts a code of 128 characters", signal(reason_codes=["A" * 128]))
    accept("codes-kinds", c, "accepts one letter, digits and underscores, in the order given", signal(reason_codes=["Z", "A_1", "A1_", "A"]))
    refuse("codes-1025", c, "refuses 1,025", signal(reason_codes=[f"C{i}" for i in range(1025)]), "/reason_codes")
    for id, value in [("empty", ""), ("129-characters", "A" * 129), ("lower", "a"), ("mixed", "Ab"), ("digit-first", "1A"), ("underscore-first", "_A"), ("hyphen", "A-B"), ("space", "A "), ("line-feed", "A\n"), ("accent", "\u00c9"), ("number", 1), ("null", None), ("array", ["A"])]:
        refuse(f"code-refused-{id}", c, f"refuses a code: {id.replace('-', ' ')}", signal(reason_codes=["GOOD", value]), "/reason_codes/1")
    for id, value in [("string", "A"), ("object", {"0": "A"}), ("number", 0)]:
        refuse(f"codes-refused-{id}", c, f"refuses {json.dumps(value)}", signal(reason_codes=value), "/reason_codes")


def evidence() -> None:
    c = rule("evidence")
    accept("evidence-content", c, "accepts any JSON object", signal(evidence={"a": [1, "x", None, True, {"b": -0.5}], "": {}, "constructor": 1}))
    for id, value in [("array", []), ("string", "x"), ("number", 1), ("false", False)]:
        refuse(f"evidence-refused-{id}", c, f"refuses {json.dumps(value)}", signal(evidence=value), "/evidence")
    suite.add("evidence-proto", "design, section 3: __proto__ as a key", "refuses __proto__ inside evidence", json.dumps(signal(evidence={"__proto__": 1})), refused("forbidden_key", "/evidence/__proto__"))


def meta() -> None:
    c = rule("meta")
    for id, value, path in [
        ("false", {"fail_closed": False}, "/meta/fail_closed"), ("string", {"fail_closed": "true"}, "/meta/fail_closed"), ("one", {"fail_closed": 1}, "/meta/fail_closed"), ("null", {"fail_closed": None}, "/meta/fail_closed"),
        ("empty", {}, "/meta/fail_closed"), ("unknown-key", {"fail_closed": True, "version": 1}, "/meta/version"), ("array", [], "/meta"), ("true", True, "/meta"),
    ]:
        refuse(f"meta-refused-{id}", c, f"refuses {json.dumps(value)}", signal(meta=value), path)


for section in (whole, contract_version, component, request_id, context_hash, decision, risk, reason_codes, evidence, meta):
    section()

"""Evaluation of a request by DQSN: contract v3, all sections; design, section 4.1.

Each case states by hand what the outcome is: decision, codes, risk and, for a valid request, which
signals stay in which order. Only `context_hash`, `sha256` and lengths are computed, by the formula
of the specification.
"""

from __future__ import annotations

import json
from typing import Any

from shield_conformance.contract.envelopes import ABSENT, KEYS, nested, signal
from shield_conformance.jcs import canonical, sha256
from shield_conformance.suite import Json, Suite

suite = Suite("dqsn-evaluate", "contract v3, sections 1 to 10; design, section 4.1")

DEFAULTS = {"invalid_signal_policy": "reject_request", "forward": "full"}
COUNT = {"invalid_signal_policy": "count_as_block"}
DIGEST = {"forward": "digest"}
ERROR_RISK = {"score": 1, "tier": "CRITICAL"}


def v3(clause: str) -> str:
    return f"contract v3, section {clause}"


def design(row: str) -> str:
    return f"design, section 4.1: {row}"


def request(signals: Any, **over: Any) -> Json:
    value = {"contract_version": 3, "component": "dqsn", "request_id": "r-1", "signals": signals, **over}
    return {key: member for key, member in value.items() if member is not ABSENT}


def fingerprint(config: Json | None) -> str:
    return sha256(canonical({**DEFAULTS, **(config or {})}))


def response(config: Json | None, request_id: str, decision: str, risk: Json, reason_codes: list[str], signals: list[Json], hashed: Json, evidence: Json) -> Json:
    """Contract v3, section 7, and `context_hash` as section 6 and the design give it."""
    output = {"decision": decision, "risk": risk, "reason_codes": reason_codes, **hashed}
    content = {"component": "dqsn", "contract_version": 3, "config_fingerprint": fingerprint(config), "signals": signals, "output": output}
    return {
        "contract_version": 3,
        "component": "dqsn",
        "request_id": request_id,
        "context_hash": sha256(canonical(content)),
        "decision": decision,
        "risk": risk,
        "reason_codes": reason_codes,
        "evidence": {"config_fingerprint": fingerprint(config), **evidence},
        "meta": {"fail_closed": True},
    }


def refusal(code: str, path: str, request_id: str="r-1", config: Json | None=None) -> Json:
    code = f"DQSN_ERROR_{code}"
    error = {"code": code, "path": path}
    return response(config, request_id, "ERROR", ERROR_RISK, [code], [], {"error": error}, {"error": error})


def answer(decision: str, codes: list[str], score: float, tier: str, unique: list[Json], total: int | None=None, config: Json | None=None, forward: str | None=None, request_id: str="r-1") -> Json:
    """A valid request's response; `unique` is what stays, in canonical order, given by hand."""
    dedup = {"input_signals": total or len(unique), "unique_signals": len(unique)}
    forward = forward or (config or {}).get("forward", "full")
    signals = unique if forward == "full" else {"count": len(unique), "sha256": sha256(canonical(unique))}
    first = {"ALLOW": "DQSN_OK_ALLOW", "WARN": "DQSN_WARN", "BLOCK": "DQSN_BLOCK"}[decision]
    evidence = {"dedup": dedup, "forward": forward, "signals": signals}
    return response(config, request_id, decision, {"score": score, "tier": tier}, [first, *codes], unique, {"dedup": dedup}, evidence)


def error(id: str, clause: str, title: str, body: Any, code: str, path: str | None, request_id: str="r-1", config: Json | None=None) -> None:
    """A refused request. `path` None: the specification does not fix it, and with it the hash."""
    body = json.dumps(body) if isinstance(body, dict) else body
    if path is None:
        expect = {"decision": "ERROR", "risk": ERROR_RISK, "reason_codes": [f"DQSN_ERROR_{code}"], "evidence": {"error": {"code": f"DQSN_ERROR_{code}"}}, "meta": {"fail_closed": True}}
        suite.add(id, clause, title, body, expect, config=config)
    else:
        suite.add(id, clause, title, body, refusal(code, path, request_id, config), exact=True, config=config)


def valid(id: str, clause: str, title: str, body: Any, expected: Json, config: Json | None=None) -> None:
    suite.add(id, clause, title, json.dumps(body) if isinstance(body, dict) else body, expected, exact=True, config=config)


def brief(id: str, clause: str, title: str, body: Json, expected: Json) -> None:
    """A valid request whose response is long: its hash speaks for the signals and codes."""
    suite.add(id, clause, title, json.dumps(body), {key: expected[key] for key in ("context_hash", "decision", "risk", "request_id", "meta")})


def spaced(body: Json, size: int) -> list[tuple[str, int]]:
    """The request with white space up to `size` bytes."""
    text = json.dumps(body)
    return [(text, 1), (" ", size - len(text.encode()))]


ALLOW = signal()
WARN = signal("adn", "WARN", 0.4, "MEDIUM", ("ADN_WATCH",))
BLOCK = signal("wallet_guard", "BLOCK", 0.7, "HIGH", ("DWG_DAILY_LIMIT", "DWG_COOLDOWN_BREACH"))
FAILED = signal("oracle", "ERROR", 1, "CRITICAL", ())
INVALID = {**ALLOW, "decision": "MAYBE"}
ONE = answer("ALLOW", ["SENTINEL_NORMAL"], 0.1, "LOW", [ALLOW])
MIXED = answer("BLOCK", ["ADN_WATCH", "DWG_COOLDOWN_BREACH", "DWG_DAILY_LIMIT", "SENTINEL_NORMAL"], 0.7, "HIGH", [WARN, ALLOW, BLOCK])


def versions() -> None:
    valid("version-3", v3("1.1"), "accepts contract_version 3", request([ALLOW]), ONE)
    for id, written in [("point", "3.0"), ("exponent", "3e0")]:
        text = json.dumps(request([ALLOW])).replace('"contract_version": 3', f'"contract_version": {written}')
        valid(f"version-3-{id}", v3("6.4"), f"the integer 3 written {written} gives the same response", text, ONE)
    for id, value in [("2", 2), ("4", 4), ("0", 0), ("negative", -3), ("fraction", 3.5), ("string", "3"), ("v3", "v3"), ("null", None), ("true", True), ("array", [3]), ("object", {"major": 3}), ("missing", ABSENT)]:
        shown = "no version" if value is ABSENT else json.dumps(value)
        error(f"version-{id}", v3("3.1" if value is ABSENT or isinstance(value, str) else "1.2"), f"refuses {shown}", request([ALLOW], contract_version=value), "SCHEMA_VERSION", "/contract_version")
    c = v3("1.3")
    error("version-before-keys", c, "looks at the version before an unknown key", request([ALLOW], contract_version=2, extra=1), "SCHEMA_VERSION", "/contract_version")
    error("version-before-component", c, "looks at the version before the component", request([ALLOW], contract_version=2, component="adn"), "SCHEMA_VERSION", "/contract_version")
    error("version-before-signals", c, "looks at the version before the signals", request([INVALID] * 65, contract_version=2), "SCHEMA_VERSION", "/contract_version")
    error("version-before-fields", c, "looks at the version before missing fields", {"request_id": "r-1"}, "SCHEMA_VERSION", "/contract_version")
    error("version-before-id", c, "looks at the version before the request_id, which it cannot echo", request([ALLOW], contract_version=2, request_id=" "), "SCHEMA_VERSION", "/contract_version", "unknown")
    error("empty-object", v3("1.4"), "fails closed where there is nothing", "{}", "SCHEMA_VERSION", "/contract_version", "unknown")


def strict_parsing() -> None:
    row = design("too large, too deep, duplicate key, bad number, not JSON")
    limit = 512_000
    valid("payload-exact", v3("8.2"), "accepts exactly 512,000 bytes", spaced(request([ALLOW]), limit), ONE)
    error("payload-one-more", v3("8.2"), "refuses 512,001 bytes", spaced(request([ALLOW]), limit + 1), "PAYLOAD_TOO_LARGE", "", "unknown")
    error("payload-first", design("order of checks"), "looks at the size before the JSON", [("x", limit + 1)], "PAYLOAD_TOO_LARGE", "", "unknown")
    error("json-before-version", design("order of checks"), "looks at the JSON before the version", '{"contract_version":2,"a":1,"a":2}', "DUPLICATE_KEY", "/a", "unknown")
    error("depth-33", v3("8.3"), "refuses a depth of 33", [("[", 33), ("]", 33)], "DEPTH_EXCEEDED", "/0" * 32, "unknown")
    error("depth-in-signal", v3("8.3"), "refuses a depth of 33 inside a signal's evidence", request([signal(evidence=nested(30))]), "DEPTH_EXCEEDED", "/signals/0/evidence" + "/a" * 29, "unknown")
    error("duplicate-key", row, "refuses a key twice", '{"contract_version":3,"component":"dqsn","request_id":"r-1","signals":[],"signals":[]}', "DUPLICATE_KEY", "/signals", "unknown")
    text = json.dumps(request([signal(decision="BLOCK")]))
    error("duplicate-decision", row, "refuses two decisions in one signal", text.replace('"decision": "BLOCK"', '"decision": "BLOCK", "decision": "ALLOW"'), "DUPLICATE_KEY", "/signals/0/decision", "unknown")
    for id, number in [("overflow", "1e400"), ("2-53", "9007199254740992"), ("2-53-exponent", "9.007199254740992e15")]:
        error(f"number-{id}", row, f"refuses {number}", json.dumps(request([signal(evidence={"n": 0})])).replace('{"n": 0}', f'{{"n": {number}}}'), "BAD_NUMBER", "/signals/0/evidence/n", "unknown")
    for id, number in [("nan", "NaN"), ("infinity", "Infinity"), ("minus-infinity", "-Infinity")]:
        error(f"number-{id}", v3("8.4"), f"refuses {number}", json.dumps(request([ALLOW])).replace('"score": 0.1', f'"score": {number}'), "INVALID_REQUEST", None)
    for id, title, body in [
        ("empty", "nothing", ""), ("open", "an open object", "{"), ("two", "two requests", "{}{}"), ("bom", "a byte order mark", b"\xef\xbb\xbf{}"), ("utf8", "bytes that are not UTF-8", b'{"a":"\xff"}'),
    ]:
        error(f"json-{id}", row, f"refuses {title}", body, "INVALID_REQUEST", "", "unknown")
    error("json-surrogate", row, "refuses a lone surrogate", '{"a":["\\ud800"]}', "INVALID_REQUEST", "/a/0", "unknown")
    error("json-noncharacter", row, "refuses a noncharacter", '{"a":["\\ufffe"]}', "INVALID_REQUEST", "/a/0", "unknown")
    error("json-noncharacter-in-signal", row, "refuses a noncharacter in the evidence of a signal", request([signal(evidence={"a": "\ufdd0"})]), "INVALID_REQUEST", "/signals/0/evidence/a", "unknown")
    error("json-proto", row, "refuses __proto__ as a key", '{"contract_version":3,"__proto__":{"component":"dqsn"}}', "INVALID_REQUEST", "/__proto__", "unknown")
    for id, body in [("null", "null"), ("array", "[]"), ("string", '"ALLOW"'), ("number", "3"), ("true", "true")]:
        error(f"not-object-{id}", v3("5.1"), f"refuses {body} as a request", body, "INVALID_REQUEST", "", "unknown")
    error("path-ascii", design("error path"), "names the nearest parent of a field that ASCII cannot name", '{"a":{"\u00fc":{"b":1e400}}}', "BAD_NUMBER", "/a", "unknown")
    long = "k" * 300
    error("path-256", design("error path"), "names the nearest parent that 256 characters can name", f'{{"a":{{"{long}":1e400}}}}', "BAD_NUMBER", "/a", "unknown")
    error("path-256-exact", design("error path"), "names a field with exactly 256 characters", f'{{"{"k" * 255}":1e400}}', "BAD_NUMBER", "/" + "k" * 255, "unknown")


def top_level() -> None:
    unknown = design("unknown top-level key")
    for key in ("extra", "Signals", "context_hash", "signature", "max_signals"):
        error(f"key-{key}", v3("3.6"), f"refuses the top-level key {key}", request([ALLOW], **{key: None}), "UNKNOWN_TOP_LEVEL_KEY", f"/{key}")
    error("key-pointer", unknown, "escapes / and ~ in the path", request([ALLOW], **{"a/b~c": 1}), "UNKNOWN_TOP_LEVEL_KEY", "/a~1b~0c")
    error("key-two", unknown, "names the first of two unknown keys in canonical order", request([ALLOW], zeta=1, alpha=1), "UNKNOWN_TOP_LEVEL_KEY", "/alpha")
    error("key-two-reversed", unknown, "names the same one whatever the order of the keys", {"alpha": 1, **request([ALLOW]), "zeta": 1}, "UNKNOWN_TOP_LEVEL_KEY", "/alpha")
    error("key-before-fields", design("order of checks"), "looks at unknown keys before missing fields", request(ABSENT, extra=1), "UNKNOWN_TOP_LEVEL_KEY", "/extra")
    error("key-before-number", design("order of checks"), "looks at unknown keys before the number of signals", request([], extra=1), "UNKNOWN_TOP_LEVEL_KEY", "/extra")

    for id, value in [("missing", ABSENT), ("adn", "adn"), ("upper", "DQSN"), ("space", "dqsn "), ("null", None), ("array", ["dqsn"])]:
        error(f"component-{id}", v3("3.2"), f"refuses a request {'without component' if value is ABSENT else 'to ' + json.dumps(value)}", request([ALLOW], component=value), "INVALID_REQUEST", "/component")
    error("fields-before-component", design("order of checks"), "looks at missing fields before the component's name", request(ABSENT, component="adn"), "INVALID_REQUEST", "/signals")
    error("component-before-number", design("order of checks"), "looks at the component before the number of signals", request([], component="adn"), "INVALID_REQUEST", "/component")

    for id, value in [("one", "x"), ("128", "x" * 128), ("accents", "\u00e9\u4e2d \U0001f600")]:
        valid(f"id-{id}", v3("7.3"), f"echoes a request_id: {id}", request([ALLOW], request_id=value), {**ONE, "request_id": value})
    for id, value in [("missing", ABSENT), ("empty", ""), ("129", "x" * 129), ("space-before", " r"), ("space-after", "r "), ("control", "r\n1"), ("number", 1), ("null", None)]:
        error(f"id-{id}", v3("3.3"), f"refuses a request_id: {id.replace('-', ' ')}", request([ALLOW], request_id=value), "INVALID_REQUEST", "/request_id", "unknown")

    for id, value in [("missing", ABSENT), ("null", None), ("object", {"0": ALLOW}), ("string", "[]"), ("number", 1)]:
        error(f"signals-{id}", v3("3.4"), f"refuses signals: {id}", request(value), "INVALID_REQUEST", "/signals")
    error("fields-missing", design("unknown top-level key / missing or wrong field"), "refuses a request that is its version alone", '{"contract_version":3}', "INVALID_REQUEST", None)


def number_of_signals() -> None:
    error("no-signals", design("no signals"), "absence of evidence is not ALLOW", request([]), "NO_SIGNALS", "/signals")
    error("no-signals-count", design("no signals"), "nor under count_as_block", request([]), "NO_SIGNALS", "/signals", config=COUNT)
    many = [signal(f"c{i:02}") for i in range(65)]
    brief("signals-64", v3("8.1"), "accepts 64 signals", request(many[:64]), answer("ALLOW", ["SENTINEL_NORMAL"], 0.1, "LOW", many[:64]))
    error("signals-65", v3("8.1"), "refuses 65", request(many), "SIGNAL_TOO_MANY", "/signals")
    error("signals-65-equal", v3("8.1"), "counts signals before it drops duplicates", request([ALLOW] * 65), "SIGNAL_TOO_MANY", "/signals")
    error("number-before-signals", design("order of checks"), "looks at the number before it looks at any signal", request([None] * 65), "SIGNAL_TOO_MANY", "/signals")
    error("signals-65-count", v3("8.6"), "no configuration raises the limit", request(many), "SIGNAL_TOO_MANY", "/signals", config=COUNT)
    error("limit-by-constraint", v3("8.6"), "no caller raises the limit", request([ALLOW], constraints={"max_signals": 1000}), "INVALID_REQUEST", "/constraints/max_signals")


def invalid_signals() -> None:
    row = design("an invalid signal")
    for key in KEYS:
        error(f"signal-without-{key}", v3("4.2"), f"refuses a signal without {key}", request([ALLOW, signal("adn", **{key: ABSENT})] if key != "component" else [ALLOW, signal(component=ABSENT)]), "SIGNAL_INVALID", f"/signals/1/{key}")
    for id, key, value, path in [
        ("version", "contract_version", 2, "/contract_version"), ("component", "component", "ADN", "/component"), ("id", "request_id", "", "/request_id"), ("hash", "context_hash", "A" * 64, "/context_hash"),
        ("decision", "decision", "MAYBE", "/decision"), ("score", "risk", {"score": 1.5, "tier": "LOW"}, "/risk/score"), ("tier", "risk", {"score": 0, "tier": "low"}, "/risk/tier"), ("code", "reason_codes", ["OK", "bad"], "/reason_codes/1"),
        ("codes", "reason_codes", [f"C{i}" for i in range(1025)], "/reason_codes"), ("evidence", "evidence", [], "/evidence"), ("fail-open", "meta", {"fail_closed": False}, "/meta/fail_closed"), ("unknown-key", "signature", "x", "/signature"),
    ]:
        error(f"signal-{id}", v3("4.1"), f"refuses a signal with a wrong {id.replace('-', ' ')}", request([signal(**{key: value})]), "SIGNAL_INVALID", f"/signals/0{path}")
    for id, value in [("null", None), ("string", "ALLOW"), ("array", []), ("number", 1)]:
        error(f"signal-{id}", v3("4.1"), f"refuses {json.dumps(value)} as a signal", request([value]), "SIGNAL_INVALID", "/signals/0")
    error("signal-first", row, "names the first of two invalid signals", request([ALLOW, {**WARN, "decision": "MAYBE"}, None]), "SIGNAL_INVALID", "/signals/1/decision")
    error("signal-rejects-all", v3("4.3"), "one invalid signal refuses the request, by default", request([BLOCK, INVALID]), "SIGNAL_INVALID", "/signals/1/decision")
    valid("count-allow", v3("4.3"), "count_as_block: the rest is aggregated and the result is BLOCK", request([ALLOW, {**WARN, "decision": "MAYBE"}]), answer("BLOCK", ["SENTINEL_NORMAL"], 0.1, "LOW", [ALLOW], 2, COUNT), COUNT)
    valid("count-order", v3("4.3"), "count_as_block: wherever the invalid signal stands", request([{**WARN, "decision": "MAYBE"}, ALLOW]), answer("BLOCK", ["SENTINEL_NORMAL"], 0.1, "LOW", [ALLOW], 2, COUNT), COUNT)
    valid("count-none-invalid", row, "count_as_block: all valid, nothing is blocked", request([ALLOW, WARN]), answer("WARN", ["ADN_WATCH", "SENTINEL_NORMAL"], 0.4, "MEDIUM", [WARN, ALLOW], config=COUNT), COUNT)
    error("count-all-invalid", row, "count_as_block: no valid signal left is ERROR", request([INVALID, None]), "SIGNAL_INVALID", "/signals/0/decision", config=COUNT)
    error("count-malformed-request", v3("5.1"), "count_as_block: forgives signals, not requests", request([ALLOW], extra=1), "UNKNOWN_TOP_LEVEL_KEY", "/extra", config=COUNT)
    only = {"allowed_components": ["adn", "sentinel"]}
    valid("allowed", row, "allowed_components: both may speak", request([ALLOW, WARN]), answer("WARN", ["ADN_WATCH", "SENTINEL_NORMAL"], 0.4, "MEDIUM", [WARN, ALLOW], config=only), only)
    error("not-allowed", row, "allowed_components: a signal of another component is invalid", request([ALLOW, BLOCK]), "SIGNAL_INVALID", "/signals/1/component", config=only)
    both = {**only, **COUNT}
    valid("not-allowed-count", row, "allowed_components with count_as_block", request([BLOCK, ALLOW]), answer("BLOCK", ["SENTINEL_NORMAL"], 0.1, "LOW", [ALLOW], 2, both), both)


def fail_closed() -> None:
    for id, over in [("space", {"component": "sentinel "}), ("case", {"decision": "block"}), ("score-text", {"risk": {"score": "0.1", "tier": "LOW"}}), ("one-code", {"reason_codes": "SENTINEL_NORMAL"})]:
        key = next(iter(over))
        path = "/risk/score" if key == "risk" else f"/{key}"
        error(f"no-repair-{id}", v3("5.4"), f"repairs nothing: {id.replace('-', ' ')}", request([signal(**over)]), "SIGNAL_INVALID", f"/signals/0{path}")
    error("no-guess-meta", v3("5.5"), "guesses no missing meta", request([signal(meta={})]), "SIGNAL_INVALID", "/signals/0/meta/fail_closed")
    error("no-guess-tier", v3("5.5"), "guesses no tier from the score", request([signal(risk={"score": 0.1})]), "SIGNAL_INVALID", "/signals/0/risk/tier")
    error("no-coercion-version", v3("5.6"), "makes no integer of a signal's \"3\"", request([signal(contract_version="3")]), "SIGNAL_INVALID", "/signals/0/contract_version")
    error("no-coercion-true", v3("5.6"), "makes no true of 1", request([signal(meta={"fail_closed": 1})]), "SIGNAL_INVALID", "/signals/0/meta/fail_closed")
    error("error-fails-closed", v3("5.2"), "an ERROR carries fail_closed, the highest risk and no signals", request([]), "NO_SIGNALS", "/signals")
    valid("upstream-error", v3("5.3"), "an upstream ERROR counts as BLOCK", request([ALLOW, FAILED]), answer("BLOCK", ["SENTINEL_NORMAL"], 1, "CRITICAL", [FAILED, ALLOW]))
    valid("upstream-error-alone", v3("10.1"), "an upstream ERROR alone is BLOCK, not ERROR", request([FAILED]), answer("BLOCK", [], 1, "CRITICAL", [FAILED]))


def constraints() -> None:
    c = design("constraints")
    for id, value in [("empty", {}), ("fail-closed", {"fail_closed": True}), ("min-0", {"min_signals": 0}), ("min-met", {"min_signals": 2}), ("required-met", {"required_components": ["adn", "sentinel"]}), ("required-none", {"required_components": []}), ("all", {"fail_closed": True, "min_signals": 1, "required_components": ["adn"]})]:
        valid(f"constraint-{id}", v3("3.5"), f"accepts {json.dumps(value)}", request([ALLOW, WARN], constraints=value), answer("WARN", ["ADN_WATCH", "SENTINEL_NORMAL"], 0.4, "MEDIUM", [WARN, ALLOW]))
    error("min-unmet", c, "refuses too few signals", request([ALLOW, WARN], constraints={"min_signals": 3}), "CONSTRAINT_UNMET", "/constraints/min_signals")
    error("min-unique", c, "min_signals counts unique signals", request([ALLOW, ALLOW], constraints={"min_signals": 2}), "CONSTRAINT_UNMET", "/constraints/min_signals")
    error("min-valid", c, "min_signals counts valid signals", request([ALLOW, None], constraints={"min_signals": 2}), "CONSTRAINT_UNMET", "/constraints/min_signals", config=COUNT)
    error("required-unmet", c, "refuses a silent component", request([ALLOW, WARN], constraints={"required_components": ["sentinel", "wallet_guard"]}), "CONSTRAINT_UNMET", "/constraints/required_components/1")
    error("required-invalid", c, "an invalid signal does not speak for its component", request([ALLOW, {**WARN, "decision": "MAYBE"}], constraints={"required_components": ["adn"]}), "CONSTRAINT_UNMET", "/constraints/required_components/0", config=COUNT)
    for id, value, path in [
        ("open", {"fail_closed": False}, "/constraints/fail_closed"), ("unknown", {"policy": "allow"}, "/constraints/policy"), ("min-text", {"min_signals": "1"}, "/constraints/min_signals"), ("min-fraction", {"min_signals": 1.5}, "/constraints/min_signals"),
        ("required-text", {"required_components": "adn"}, "/constraints/required_components"), ("required-item", {"required_components": ["adn", 1]}, "/constraints/required_components/1"), ("null", None, "/constraints"), ("array", [], "/constraints"),
    ]:
        error(f"constraint-refused-{id}", v3("3.5"), f"refuses constraints {json.dumps(value)}", request([ALLOW], constraints=value), "INVALID_REQUEST", path)


def meaning() -> None:
    critical = signal(score=1, tier="CRITICAL")
    valid("not-upgraded", v3("2.3"), "an ALLOW with the highest risk stays an ALLOW", request([critical]), answer("ALLOW", ["SENTINEL_NORMAL"], 1, "CRITICAL", [critical]))
    harmless = signal(decision="BLOCK", score=0, tier="LOW")
    valid("not-downgraded", v3("2.4"), "a BLOCK with no risk stays a BLOCK", request([harmless]), answer("BLOCK", ["SENTINEL_NORMAL"], 0, "LOW", [harmless]))
    valid("not-outvoted", v3("2.4"), "one BLOCK is not outvoted by ten ALLOW", request([signal(f"c{i}") for i in range(10)] + [BLOCK]), answer("BLOCK", ["DWG_COOLDOWN_BREACH", "DWG_DAILY_LIMIT", "SENTINEL_NORMAL"], 0.7, "HIGH", [signal(f"c{i}") for i in range(10)] + [BLOCK]))
    odd = [signal("adn", score=0.9, tier="LOW", reason_codes=()), signal("sentinel", score=0.2, tier="HIGH", reason_codes=())]
    valid("not-reinterpreted", v3("2.5"), "highest score and highest tier are taken as they are, from different signals", request(odd), answer("ALLOW", [], 0.9, "HIGH", odd))
    valid("forwards", v3("2.1"), "carries the signals whole, unchanged", request([signal(evidence={"z": [1, {"y": None}], "a": "\u00e9"})]), answer("ALLOW", ["SENTINEL_NORMAL"], 0.1, "LOW", [signal(evidence={"z": [1, {"y": None}], "a": "\u00e9"})]))
    valid("no-detector", v3("2.2"), "evidence that looks like an attack decides nothing", request([signal(evidence={"attack": True, "severity": 1})]), answer("ALLOW", ["SENTINEL_NORMAL"], 0.1, "LOW", [signal(evidence={"attack": True, "severity": 1})]))
    r = design("result")
    valid("worst-allow", v3("7.5"), "all ALLOW is ALLOW", request([ALLOW]), ONE)
    valid("worst-warn", v3("7.5"), "ALLOW and WARN is WARN", request([ALLOW, WARN]), answer("WARN", ["ADN_WATCH", "SENTINEL_NORMAL"], 0.4, "MEDIUM", [WARN, ALLOW]))
    valid("worst-block", v3("7.5"), "ALLOW, WARN and BLOCK is BLOCK", request([ALLOW, WARN, BLOCK]), MIXED)
    valid("codes-none", v3("7.6"), "no upstream codes: its own alone", request([signal(reason_codes=())]), answer("ALLOW", [], 0.1, "LOW", [signal(reason_codes=())]))
    sorting = [signal("a", reason_codes=("B_2", "AB", "A_B")), signal("b", reason_codes=("B10", "AB", "A", "A0"))]
    valid("codes-sorted", v3("7.6"), "the union of codes, sorted by their characters, each once", request(sorting), answer("ALLOW", ["A", "A0", "AB", "A_B", "B10", "B_2"], 0.1, "LOW", sorting))
    valid("codes-like-own", r, "an upstream code that looks like its own is kept in the union", request([signal(reason_codes=("DQSN_BLOCK", "DQSN_OK_ALLOW"))]), answer("ALLOW", ["DQSN_BLOCK", "DQSN_OK_ALLOW"], 0.1, "LOW", [signal(reason_codes=("DQSN_BLOCK", "DQSN_OK_ALLOW"))]))
    codes = [f"C{i:04}" for i in range(1025)]
    full = [signal("a", reason_codes=codes[:512]), signal("b", reason_codes=codes[512:1023])]
    brief("codes-1023", design("union of upstream reason codes over 1,023"), "1,023 upstream codes fit", request(full), answer("ALLOW", codes[:1023], 0.1, "LOW", full))
    error("codes-1024", design("union of upstream reason codes over 1,023"), "1,024 do not", request([signal("a", reason_codes=codes[:512]), signal("b", reason_codes=codes[512:1024])]), "RESPONSE_TOO_LARGE", "/signals")
    error("codes-1024-one", design("union of upstream reason codes over 1,023"), "nor in one signal, which is valid itself", request([signal("a", reason_codes=codes[:1024])]), "RESPONSE_TOO_LARGE", "/signals")
    overlap = [signal("a", reason_codes=codes[:1023]), signal("b", reason_codes=codes[:1023])]
    brief("codes-union", design("union of upstream reason codes over 1,023"), "the union counts, not the sum", request(overlap), answer("ALLOW", codes[:1023], 0.1, "LOW", overlap))


def duplicates() -> None:
    c = design("duplicates")
    later, first = signal(request_id="s-2"), signal(request_id="s-1")
    valid("duplicate", c, "a signal twice counts once", request([ALLOW, ALLOW]), answer("ALLOW", ["SENTINEL_NORMAL"], 0.1, "LOW", [ALLOW], 2))
    for id, order in [("smaller-first", [first, later]), ("smaller-last", [later, first])]:
        valid(f"duplicate-{id}", c, f"of two that differ in request_id alone, the smaller one stays: {id.replace('-', ' ')}", request(order), answer("ALLOW", ["SENTINEL_NORMAL"], 0.1, "LOW", [first], 2))
    ten = [signal(request_id="s-10"), signal(request_id="s-9")]
    valid("duplicate-as-text", c, "request_ids are compared as text: s-10 is smaller than s-9", request(ten[::-1]), answer("ALLOW", ["SENTINEL_NORMAL"], 0.1, "LOW", [ten[0]], 2))
    a = json.dumps(signal(evidence={"a": 1, "b": 0.5}))
    b = a.replace('{"a": 1, "b": 0.5}', '{"b": 5e-1, "a": 1.0}')
    text = json.dumps(request(["#"])).replace('"#"', f"{a}, {b}")
    valid("duplicate-formatting", c, "two formattings of one content are duplicates", text, answer("ALLOW", ["SENTINEL_NORMAL"], 0.1, "LOW", [signal(evidence={"a": 1, "b": 0.5})], 2))
    two = [signal(context_hash="0" * 64), signal(context_hash="1" * 64)]
    valid("same-component", c, "one component may say two things, with two hashes", request(two[::-1]), answer("ALLOW", ["SENTINEL_NORMAL"], 0.1, "LOW", two))
    same_hash = [signal("a", context_hash="0" * 64), signal("b", context_hash="0" * 64)]
    valid("same-hash", c, "two components may have one hash", request(same_hash[::-1]), answer("ALLOW", ["SENTINEL_NORMAL"], 0.1, "LOW", same_hash))
    conflict = design("same component and context_hash, different content")
    forged = {**BLOCK, "decision": "ALLOW"}
    for id, order in [("forged-first", [forged, BLOCK]), ("forged-last", [BLOCK, forged]), ("between", [BLOCK, ALLOW, forged])]:
        error(f"conflict-{id}", conflict, f"a forged ALLOW does not hide a BLOCK: {id.replace('-', ' ')}", request(order), "SIGNAL_CONFLICT", "/signals")
    for key, value in [("risk", {"score": 0.1, "tier": "HIGH"}), ("reason_codes", []), ("evidence", {"a": 1})]:
        error(f"conflict-{key}", conflict, f"one hash with two {key}", request([ALLOW, {**ALLOW, key: value}]), "SIGNAL_CONFLICT", "/signals")
    error("conflict-codes-order", conflict, "the order of reason codes is content", request([BLOCK, {**BLOCK, "reason_codes": BLOCK["reason_codes"][::-1]}]), "SIGNAL_CONFLICT", "/signals")
    grows = json.dumps(signal("oracle", request_id="#", evidence={"n": ["#"]})).split('"#"')
    def big(id: str) -> list[tuple[str, int]]:
        return [(f'{grows[0]}"{id}"{grows[1]}', 1), ("1e15,", 31_000), (f"0{grows[2]}", 1)]
    head, tail = json.dumps(request(["#"])).split('"#"')
    pair = [(f"{json.dumps(BLOCK)},{json.dumps(forged)}", 1)]
    for id, order in [("last", [*pair, (",", 1), *big("s-1"), (",", 1), *big("s-2")]), ("first", [*big("s-1"), (",", 1), *big("s-2"), (",", 1), *pair])]:
        error(f"canonical-size-{id}", design("order of checks"), f"a valid signal of more than 512,000 canonical bytes is too large, before any conflict: {id}", [(head, 1), *order, (tail, 1)], "PAYLOAD_TOO_LARGE", "")
    error("conflict-count", conflict, "count_as_block does not forgive a conflict", request([forged, BLOCK]), "SIGNAL_CONFLICT", "/signals", config=COUNT)


def determinism() -> None:
    orders = [("abc", [ALLOW, WARN, BLOCK]), ("cba", [BLOCK, WARN, ALLOW]), ("bca", [WARN, BLOCK, ALLOW])]
    for id, order in orders:
        valid(f"order-{id}", v3("6.1"), "any order of arrival gives the same response", request(order), MIXED)
    def backwards(value: Any) -> Any:
        return {k: backwards(v) for k, v in reversed(value.items())} if isinstance(value, dict) else [backwards(v) for v in value] if isinstance(value, list) else value
    valid("formatting-keys", v3("6.4"), "any order of keys gives the same response", backwards(request([ALLOW, WARN, BLOCK])), MIXED)
    valid("formatting-space", v3("6.4"), "any white space gives the same response", json.dumps(request([ALLOW, WARN, BLOCK]), indent="\t"), MIXED)
    text = json.dumps(request([ALLOW, WARN, BLOCK])).replace("0.4", "4.0E-1").replace("sentinel", "\\u0073entinel").replace("0.7", "0.70")
    valid("formatting-values", v3("6.4"), "other spellings of numbers and strings give the same response", text, MIXED)
    valid("hash-without-id", v3("6.3"), "context_hash does not cover the request_id", request([ALLOW], request_id="another"), {**ONE, "request_id": "another"})
    valid("hash-evidence", v3("6.4"), "another evidence, another hash", request([signal(evidence={"height": 1})]), answer("ALLOW", ["SENTINEL_NORMAL"], 0.1, "LOW", [signal(evidence={"height": 1})]))
    valid("hash-signal-id", v3("6.4"), "another request_id of a signal, another hash", request([signal(request_id="s-9")]), answer("ALLOW", ["SENTINEL_NORMAL"], 0.1, "LOW", [signal(request_id="s-9")]))
    valid("hash-output", v3("6.5"), "the same unique signals out of more, another hash", request([ALLOW, ALLOW]), answer("ALLOW", ["SENTINEL_NORMAL"], 0.1, "LOW", [ALLOW], 2))
    for id, config in [("count", COUNT), ("digest", DIGEST)]:
        valid(f"hash-config-{id}", v3("6.6"), f"another configuration, another hash: {id}", request([ALLOW]), answer("ALLOW", ["SENTINEL_NORMAL"], 0.1, "LOW", [ALLOW], config=config), config)
        error(f"hash-config-{id}-error", v3("6.6"), f"another configuration, another hash of an ERROR: {id}", request([]), "NO_SIGNALS", "/signals", config=config)
    valid("hash-config-defaults", v3("6.6"), "defaults written out are the same configuration", request([ALLOW]), ONE, DEFAULTS)
    for id, body in [("fields", request([])), ("space", json.dumps(request([]), indent=4)), ("keys", backwards(request([])))]:
        error(f"hash-error-{id}", v3("6.3"), "an ERROR has a hash, the same for any formatting", body, "NO_SIGNALS", "/signals")


def output() -> None:
    for section, id, title in [("6.2", "schema", "the response has these keys and no other"), ("7.1", "version", "contract_version is 3"), ("7.2", "component", "component is dqsn"), ("7.4", "hash", "context_hash is SHA-256"), ("7.7", "evidence", "evidence is dedup, config_fingerprint, forward and signals"), ("7.8", "meta", "meta is fail_closed")]:
        valid(f"output-{id}", v3(section), title, request([WARN, BLOCK, ALLOW]), MIXED)
        error(f"output-error-{id}", v3(section), f"{title}, in an ERROR too" if id != "evidence" else "evidence of an ERROR is config_fingerprint and error", request([None]), "SIGNAL_INVALID", "/signals/0")
    e = design("evidence")
    valid("digest", e, "digest: count and hash of the signals", request([BLOCK, ALLOW]), answer("BLOCK", ["DWG_COOLDOWN_BREACH", "DWG_DAILY_LIMIT", "SENTINEL_NORMAL"], 0.7, "HIGH", [ALLOW, BLOCK], config=DIGEST), DIGEST)
    valid("stacked", design("closure"), "a response is a valid signal of another DQSN", request([MIXED, WARN]), answer("BLOCK", ["ADN_WATCH", "DQSN_BLOCK", "DWG_COOLDOWN_BREACH", "DWG_DAILY_LIMIT", "SENTINEL_NORMAL"], 0.7, "HIGH", [WARN, MIXED]))
    lower_error = refusal("NO_SIGNALS", "/signals")
    valid("stacked-error", design("closure"), "an ERROR of a DQSN is a valid signal, and BLOCK", request([lower_error]), answer("BLOCK", ["DQSN_ERROR_NO_SIGNALS"], 1, "CRITICAL", [lower_error]))
    for depth, forward in [(26, "full"), (27, "digest"), (29, "digest")]:
        deep = signal(evidence=nested(depth))
        valid(f"response-depth-{depth + 4}", e, f"signals that would make a response {depth + 4} deep are given as {forward}", request([deep]), answer("ALLOW", ["SENTINEL_NORMAL"], 0.1, "LOW", [deep], forward=forward))
    empty = answer("ALLOW", ["SENTINEL_NORMAL"], 0.1, "LOW", [signal(evidence={"pad": ""})])
    room = 500_000 - len(canonical(empty).encode())
    for more, forward in [(0, "full"), (1, "digest")]:
        big = signal(evidence={"pad": "x" * (room + more)})
        expected = answer("ALLOW", ["SENTINEL_NORMAL"], 0.1, "LOW", [big], forward=forward)
        assert forward == "digest" or len(canonical(expected).encode()) == 500_000
        before, after = json.dumps(request([signal(evidence={"pad": "#"})])).split("#")
        shown = {"context_hash": expected["context_hash"], "decision": "ALLOW", "evidence": {"forward": forward} if forward == "full" else expected["evidence"]}
        suite.add(f"bytes-{500_000 + more}", e, f"a full response of {500_000 + more:,} canonical bytes is given as {forward}", [(before, 1), ("x", room + more), (after, 1)], shown)


def compatibility() -> None:
    v2 = {"node_id": "node-a", "source": "sentinel", "type": "block_stall", "severity": 0.8}
    error("v2-request", v3("9.3"), "refuses a v2 request", {"contract_version": 2, "component": "dqsn", "request_id": "r-1", "signals": [v2]}, "SCHEMA_VERSION", "/contract_version")
    error("v2-bare", v3("9.3"), "refuses v2 signals without a request", json.dumps([v2]), "INVALID_REQUEST", "", "unknown")
    error("v2-signal", v3("9.1"), "refuses a v2 signal among the signals", request([ALLOW, v2]), "SIGNAL_INVALID", None)


for section in (versions, strict_parsing, top_level, number_of_signals, invalid_signals, fail_closed, constraints, meaning, duplicates, determinism, output, compatibility):
    section()

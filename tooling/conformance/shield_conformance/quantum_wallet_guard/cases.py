"""Cases of layer 5 and their documents.

Every expected reason is written here by hand from the specification and held against the reference model,
which works in exact fractions and gives the terms.
"""

from __future__ import annotations

import json
import math
from typing import Any

from shield_conformance import jcs
from shield_conformance.quantum_wallet_guard.reference_model import DEFAULTS, answer, decide
from shield_conformance.suite import Json, Suite, clauses_document

B, OTHER = "ab" * 32, "cd" * 32
NOW = 1_780_000_000_000
HEALTHY = {
    "sentinel_level": "normal",
    "dqs_network_score": 0,
    "adn_level": "normal",
    "wallet_balance": "1000",
    "tx_amount": "10",
    "behaviour_score": 1,
    "trusted_device": True,
}
CLAUSES = {
    f"design, section 8: rule {n}": text
    for n, text in enumerate([
        "malformed context, then policy: block with the path of the first offending field",
        "Sentinel or ADN critical; then Guardian FREEZE or REJECT: block",
        "level above max_allowed_risk; then Guardian DELAY: delay and cooldown",
        "amount > balance; then amount >= 0.99 x balance if block_full_balance_tx: block",
        "amount >= threshold_extra_auth: require_extra_auth, confirmation and second factor",
        "amount > ratio x balance, the high ratio from high on: warn, suggested limit and cooldown",
        "behaviour above the maximum or an untrusted device; then a young address: warn and cooldown",
        "every rule has passed: allow",
    ])
} | {
    "design, section 8: approvals": "approvals count when their binds equals the context's, once for each person, in time",
    "design, section 8: order": "first match wins",
    "design, section 8: binding": "the canonical hash of {withdrawal_id, amount, destinations}, amounts in their shortest form",
}

evaluate = Suite("qwg-evaluate", "design, section 8")
binding = Suite("qwg-binding", "design, section 8, approvals")


def sha256(value: Json) -> str:
    return jcs.sha256(jcs.canonical(value))


def rule(n: Any) -> str:
    return f"design, section 8: {n if isinstance(n, str) else f'rule {n}'}"


def add(id: str, n: Any, title: str, reason: str, change: Json | None=None, policy: Json | None=None) -> None:
    context, policy = {**HEALTHY, **(change or {})}, policy or {}
    found, terms = decide(context, policy)
    assert found == reason, (id, found, reason)
    expect = {**answer(reason, terms), "policy_version": sha256({**DEFAULTS, **policy})}
    text = json.dumps({"context": context, "policy": policy}, ensure_ascii=False)
    evaluate.add(id, rule(n), title, text, expect)


def malformed(id: str, title: str, path: str, context: Any, policy: Json | None=None, part: str="CONTEXT") -> None:
    expect = answer(f"QWG_ERROR_INVALID_{part}", {"path": path})
    text = json.dumps({"context": context, "policy": policy or {}}, ensure_ascii=True)
    evaluate.add(id, rule(0), title, text, expect)


def near(value: float) -> list[tuple[str, float]]:
    """The double below, the value, the double above."""
    return [("below", math.nextafter(value, -1)), ("at", value), ("above", math.nextafter(value, 2))]


# Rule 0
for field in HEALTHY:
    malformed(f"missing-{field}", f"{field} is required", f"/{field}", {k: v for k, v in HEALTHY.items() if k != field})
WRONG = {
    "sentinel_level": ["NORMAL", "", 0, None, True, [], {}],
    "adn_level": ["Normal", 1, None],
    "dqs_network_score": [-0.1, 1.0000000000000002, "0.5", None, True, []],
    "wallet_balance": ["-1", "1e3", "1.000000001", "01", " 1", "1 ", "", ".5", "1.", "+1", "92233720368.54775808", -1, 90071992.54740993, None, True, []],
    "tx_amount": ["0", "0.0", 0, "-5", "0.000000001", "1,5", "0x10", None, False, {}],
    "behaviour_score": [-0.5, "1", None, []],
    "trusted_device": ["true", 1, 0, None],
    "address_age_days": [-1, 1.5, "3", True],
    "device_id": ["", " a", "a ", 1, "x" * 129],
    "tx_id": ["", "a\n", []],
    "wallet_fingerprint": ["", 5],
    "user_id": ["", False],
    "created_at": [-1, 0.5, "2026-06-28", None, 1_782_664_800, 1_782_664_800_000_000],
    "dqs_advisory": ["normal", None, 3],
    "guardian_decision": ["allow", None, "PENDING"],
    "approvals": ["x", None, {}],
    "binds": ["AB" * 32, "ab", None],
    "guardian_reason_codes": ["x", None],
}
for field, values in WRONG.items():
    for i, value in enumerate(values):
        base = {**HEALTHY, "guardian_decision": "ALLOW"} if field == "guardian_reason_codes" else HEALTHY
        shown = json.dumps(value) if len(json.dumps(value)) < 40 else "a too long text"
        malformed(f"wrong-{field}-{i}", f"{field} cannot be {shown}", f"/{field}", {**base, field: value})
malformed("unknown-field", "an unknown field is refused", "/amount", {**HEALTHY, "amount": "1"})
malformed("unknown-fields", "of several unknown fields the first in canonical order is named", "/a", {**HEALTHY, "z": 1, "a": 1})
malformed("escaped-field", "a path is a JSON Pointer", "/a~1b", {**HEALTHY, "a/b": 1})
malformed("codes-without-decision", "Guardian's codes without its decision", "/guardian_decision", {**HEALTHY, "guardian_reason_codes": ["x"]})
for i, value in enumerate([None, 1, "x", [], True]):
    malformed(f"no-context-{i}", f"{json.dumps(value)} is no context", "", value)
APPROVAL = {"approver": "ann", "method": "operator", "approved_at_ms": NOW, "binds": B}
for field, value in [("method", "Operator"), ("method", "admin"), ("approver", ""), ("approved_at_ms", -1), ("approved_at_ms", 1_782_664_800), ("approved_at_ms", 1_782_664_800_000_000), ("binds", "x")]:
    case = {**HEALTHY, "approvals": [{**APPROVAL, field: value}]}
    malformed(f"approval-{field}-{str(value).lower()}", f"an approval's {field} cannot be {json.dumps(value)}", f"/approvals/0/{field}", case)
malformed("approvals-65", "at most 64 approvals", "/approvals", {**HEALTHY, "approvals": [APPROVAL] * 65})
for field, value in [
    ("nope", 1), ("max_tx_ratio_normal", 1.1), ("max_tx_ratio_normal", "-0.1"), ("max_tx_ratio_high", "1e-1"),
    ("max_tx_ratio_high", "0.0000000000000000001"), ("max_allowed_risk", "HIGH"), ("cooldown_seconds_warn", -1), ("cooldown_seconds_delay", 1.5),
    ("threshold_extra_auth", -1), ("max_behaviour_score", "1.4999999999999999"), ("require_trusted_device", None),
    ("min_address_age_days", 0.5), ("network_score_elevated", -0.25), ("network_score_high", 0.2), ("network_score_critical", 0.5),
    ("required_approvals", 0), ("required_approvals", 65), ("approval_valid_seconds", -1), ("block_full_balance_tx", 1),
]:
    malformed(f"policy-{field}-{value}", f"a policy's {field} cannot be {json.dumps(value)}", f"/{field}", HEALTHY, {field: value}, "POLICY")
malformed("context-before-policy", "the context is read first", "/tx_amount", {**HEALTHY, "tx_amount": 0}, {"nope": 1})

# Rule 1
add("sentinel-critical", 1, "Sentinel is critical", "QWG_CRITICAL_CHAIN_OR_NODE_RISK", {"sentinel_level": "critical"})
add("adn-critical", 1, "ADN is critical", "QWG_CRITICAL_CHAIN_OR_NODE_RISK", {"adn_level": "critical"})
add("critical-allowed", 1, "no policy allows it", "QWG_CRITICAL_CHAIN_OR_NODE_RISK", {"adn_level": "critical"}, {"max_allowed_risk": "critical"})
for value, reason in [("FREEZE", "QWG_GUARDIAN_BLOCK"), ("REJECT", "QWG_GUARDIAN_BLOCK"), ("ALLOW", "QWG_ALLOW")]:
    add(f"guardian-{value.lower()}", 1, f"Guardian answers {value}", reason, {"guardian_decision": value})

# Rule 2
LEVELS = ["normal", "elevated", "high", "critical"]
for limit, name in enumerate(LEVELS):
    for source in ("sentinel_level", "adn_level"):
        for level in range(3):
            reason = "QWG_POLICY_MAX_RISK_EXCEEDED" if level > limit else "QWG_ALLOW"
            add(f"{source}-{LEVELS[level]}-of-{name}", 2, f"{source} {LEVELS[level]} where {name} is allowed", reason, {source: LEVELS[level]}, {"max_allowed_risk": name})
    for advisory, level in [("NORMAL", 0), ("UNKNOWN", 1), ("ELEVATED", 1), ("CRITICAL_LOCAL", 1), ("CRITICAL_GLOBAL", 3)]:
        reason = "QWG_POLICY_MAX_RISK_EXCEEDED" if level > limit else "QWG_ALLOW"
        add(f"advisory-{advisory.lower()}-of-{name}", 2, f"advisory {advisory} where {name} is allowed", reason, {"dqs_advisory": advisory}, {"max_allowed_risk": name})
for name, threshold, allowed in [("elevated", 0.25, "normal"), ("high", 0.6, "elevated"), ("critical", 0.9, "high")]:
    for side, score in near(threshold):
        reason = "QWG_ALLOW" if side == "below" else "QWG_POLICY_MAX_RISK_EXCEEDED"
        add(f"score-{name}-{side}", 2, f"the score {side} {threshold}, {allowed} being allowed", reason, {"dqs_network_score": score}, {"max_allowed_risk": allowed})
add("own-threshold", 2, "the policy's own threshold", "QWG_POLICY_MAX_RISK_EXCEEDED", {"dqs_network_score": 0.1}, {"network_score_elevated": "0.1", "max_allowed_risk": "normal"})
add("score-one", 2, "a score of 1", "QWG_POLICY_MAX_RISK_EXCEEDED", {"dqs_network_score": 1})
add("guardian-delay", 2, "Guardian delays", "QWG_GUARDIAN_DELAY", {"guardian_decision": "DELAY"})
add("own-cooldown", 2, "the policy's own cooldown", "QWG_GUARDIAN_DELAY", {"guardian_decision": "DELAY"}, {"cooldown_seconds_delay": 0})

# Rule 3
FREE = {"max_tx_ratio_normal": 1, "max_tx_ratio_high": 1, "threshold_extra_auth": "92233720368.54775807"}
for balance, below, at in [
    ("1000", "989.99999999", "990"), ("1", "0.98999999", "0.99"), ("0.00000100", "0.00000098", "0.00000099"),
    ("30", "29.69999999", "29.7"), ("0.3", "0.29699999", "0.297"), ("90071992.54740993", "89171272.62193583", "89171272.62193584"),
    ("92233720368.54775807", "91311383164.86228048", "91311383164.86228049"), ("0.00000101", "0.00000099", "0.000001"),
]:
    add(f"full-below-{balance}", 3, f"one unit below 99 % of {balance}", "QWG_ALLOW", {"wallet_balance": balance, "tx_amount": below}, FREE)
    add(f"full-at-{balance}", 3, f"99 % of {balance}, or the first unit above", "QWG_FULL_BALANCE_WIPE", {"wallet_balance": balance, "tx_amount": at}, FREE)
for balance, above in [("1000", "1000.00000001"), ("0", "0.00000001"), ("92233720368.54775806", "92233720368.54775807"), (90071992.5, "90071992.50000001")]:
    add(f"exceeds-{balance}", 3, f"one unit above {balance}", "QWG_AMOUNT_EXCEEDS_BALANCE", {"wallet_balance": balance, "tx_amount": above}, {**FREE, "block_full_balance_tx": False})
add("whole-balance", 3, "the whole balance where that is allowed", "QWG_ALLOW", {"tx_amount": "1000"}, {**FREE, "block_full_balance_tx": False})
add("whole-balance-blocked", 3, "the whole balance", "QWG_FULL_BALANCE_WIPE", {"tx_amount": "1000"}, FREE)
add("one-unit", 3, "one unit of one", "QWG_FULL_BALANCE_WIPE", {"wallet_balance": "0.00000001", "tx_amount": 1e-8}, FREE)

# Rule 4
BIG = {"wallet_balance": "100000"}
for amount, reason in [("9999.99999999", "QWG_ALLOW"), ("10000", "QWG_EXTRA_AUTH_THRESHOLD"), ("10000.00000001", "QWG_EXTRA_AUTH_THRESHOLD")]:
    add(f"extra-auth-{amount}", 4, f"{amount} where 10,000 needs strong approvals", reason, {**BIG, "tx_amount": amount})
add("extra-auth-zero", 4, "from 0 coins up", "QWG_EXTRA_AUTH_THRESHOLD", {"tx_amount": "0.00000001"}, {"threshold_extra_auth": 0})

# Rule 5
for amount, reason in [("499.99999999", "QWG_ALLOW"), ("500", "QWG_ALLOW"), ("500.00000001", "QWG_RATIO_NORMAL")]:
    add(f"ratio-{amount}", 5, f"{amount} of 1,000 at half", reason, {"tx_amount": amount})
    add(f"ratio-elevated-{amount}", 5, "the same at elevated risk", reason, {"tx_amount": amount, "adn_level": "elevated"})
for source, change in [("adn", {"adn_level": "high"}), ("sentinel", {"sentinel_level": "high"}), ("score", {"dqs_network_score": 0.6})]:
    for amount, reason in [("99.99999999", "QWG_ALLOW"), ("100", "QWG_ALLOW"), ("100.00000001", "QWG_RATIO_HIGH_RISK")]:
        add(f"ratio-high-{source}-{amount}", 5, f"{amount} of 1,000 at a tenth, high by {source}", reason, {"tx_amount": amount, **change})
add("ratio-advisory", 5, "critical by advisory where that is allowed", "QWG_RATIO_HIGH_RISK", {"tx_amount": "100.00000001", "dqs_advisory": "CRITICAL_GLOBAL"}, {"max_allowed_risk": "critical"})
add("ratio-third", 5, "0.333333333333333333 of 3 is less than a unit below 1", "QWG_RATIO_NORMAL", {"wallet_balance": "3", "tx_amount": "1"}, {"max_tx_ratio_normal": "0.333333333333333333"})
add("ratio-rounded-down", 5, "half of three units is one", "QWG_RATIO_NORMAL", {"wallet_balance": "0.00000003", "tx_amount": "0.00000002"})
UNLIMITED = {"min_address_age_days": 7}
for id, change, policy in [
    ("behaviour", {"behaviour_score": 2}, {}), ("device", {"trusted_device": False}, {}), ("new", {"address_age_days": 6}, UNLIMITED),
    ("unknown", {"address_age_days": None}, UNLIMITED),
]:
    add(f"ratio-no-limit-{id}", 5, f"no limit is suggested where rule 6 speaks against it: {id}", "QWG_RATIO_NORMAL", {"tx_amount": "600", **change}, policy)
add("ratio-limit-old", 5, "a limit is suggested where the address is old enough", "QWG_RATIO_NORMAL", {"tx_amount": "600", "address_age_days": 7}, UNLIMITED)
add("ratio-no-limit-unit", 5, "no limit is suggested below one unit", "QWG_RATIO_NORMAL", {"wallet_balance": "0.00000001", "tx_amount": "0.00000001"}, {"block_full_balance_tx": False})
add("ratio-zero", 5, "nothing is allowed", "QWG_RATIO_NORMAL", {"tx_amount": "0.00000001"}, {"max_tx_ratio_normal": 0})
add("ratio-above", 5, "a high ratio above the normal one: warn at normal risk", "QWG_RATIO_NORMAL", {"tx_amount": "200"}, {"max_tx_ratio_normal": "0.1", "max_tx_ratio_high": "0.5"})
add("ratio-above-high", 5, "and allow at high risk", "QWG_ALLOW", {"tx_amount": "200", "adn_level": "high"}, {"max_tx_ratio_normal": "0.1", "max_tx_ratio_high": "0.5"})

# Rule 6
for side, score in near(1.5):
    add(f"behaviour-{side}", 6, f"behaviour {side} 1.5", "QWG_BEHAVIOUR_OR_DEVICE" if side == "above" else "QWG_ALLOW", {"behaviour_score": score})
add("behaviour-tiny", 6, "the smallest double above a maximum of 0", "QWG_BEHAVIOUR_OR_DEVICE", {"behaviour_score": 5e-324}, {"max_behaviour_score": 0})
add("device", 6, "an untrusted device", "QWG_BEHAVIOUR_OR_DEVICE", {"trusted_device": False})
add("device-allowed", 6, "an untrusted device where that is allowed", "QWG_ALLOW", {"trusted_device": False}, {"require_trusted_device": False})
for age, reason in [(6, "QWG_NEW_ADDRESS"), (7, "QWG_ALLOW"), (8, "QWG_ALLOW"), (None, "QWG_NEW_ADDRESS"), (0, "QWG_NEW_ADDRESS")]:
    add(f"age-{age}", 6, f"an address of {age} days where 7 are needed", reason, {"address_age_days": age}, {"min_address_age_days": 7})
add("age-absent", 6, "an address of unknown age", "QWG_NEW_ADDRESS", None, {"min_address_age_days": 1})
add("age-off", 6, "the rule is off", "QWG_ALLOW", {"address_age_days": 0})

# Approvals
LARGE = {**BIG, "tx_amount": "20000", "binds": B, "created_at": NOW}


def by(*approvers: Any, **change: Any) -> Json:
    return {**LARGE, "approvals": [{**APPROVAL, "approver": name, **change} for name in approvers]}


def approvals(id: str, title: str, allowed: bool, context: Json, policy: Json | None=None, otherwise: str="QWG_EXTRA_AUTH_THRESHOLD") -> None:
    add(f"approvals-{id}", "approvals", title, "QWG_ALLOW" if allowed else otherwise, context, policy)


TWO = {"required_approvals": 2}
LOOK_ALIKES = [
    "a nn", "an\u200bn", "\uff41nn", "jose\u0301", "jos\u00e9", "ann\u2800", "ann\u0331", "ann\ufffc", "\u0430nn", "ann\u3164",
    "\U0001d41ann", "o'neil", "a\u2010b", "\u212aim", "ann.", ".ann", "a..nn", "...", "ann\n", "a/b", "a" * 129,
]
approvals("none", "no approvals", False, LARGE)
for method in ("confirmation", "second_factor", "operator"):
    approvals(method, f"one by {method}", method != "confirmation", by("ann", method=method))
approvals("one-of-two", "one of two", False, by("ann"), TWO)
approvals("two-of-two", "two of two", True, by("ann", "bob"), TWO)
for id, name in [("same", "ann"), ("case", "ANN"), ("mixed", "aNn")]:
    approvals(f"twice-{id}", "one person twice", False, by("ann", name), TWO)
for i, name in enumerate(["ann.lee", "ann@x.org", "ann-2", "ann+2", "ann_2", "7", "b" * 128]):
    approvals(f"name-{i}", f"another person: {name[:20]}", True, by("ann", name), TWO)
for i, name in enumerate(LOOK_ALIKES):
    malformed(f"look-alike-{i}", f"the name of an approver cannot be {json.dumps(name)[:40]}", "/approvals/1/approver", {**HEALTHY, **by("ann", name)}, TWO)
approvals("other-binding", "an approval of something else", False, by("ann", binds=OTHER))
approvals("unbound", "the context does not say what approvals bind to", False, {k: v for k, v in by("ann").items() if k != "binds"})
for id, at, allowed in [("now", 0, True), ("future", 1, False), ("old", -NOW, True)]:
    approvals(id, f"given {at} ms from the context's time", allowed, by("ann", approved_at_ms=NOW + at))
for id, age, allowed in [("valid", 59_999, True), ("expired", 60_000, False)]:
    approvals(id, f"{age} ms old where 60 s count", allowed, by("ann", approved_at_ms=NOW - age), {"approval_valid_seconds": 60})
approvals("timeless", "a context without time where approvals expire", False, {k: v for k, v in by("ann").items() if k != "created_at"}, {"approval_valid_seconds": 60})
SMALL = {**HEALTHY, "binds": B, "approvals": [{**APPROVAL, "method": "confirmation"}]}
approvals("ratio", "one confirmation passes rule 5", True, {**SMALL, "tx_amount": "600"})
approvals("device", "one confirmation passes rule 6", True, {**SMALL, "trusted_device": False})
approvals("address", "one confirmation passes a new address", True, SMALL, {"min_address_age_days": 1})
for id, reason, change in [
    ("critical", "QWG_CRITICAL_CHAIN_OR_NODE_RISK", {"adn_level": "critical"}),
    ("freeze", "QWG_GUARDIAN_BLOCK", {"guardian_decision": "FREEZE"}),
    ("risk", "QWG_POLICY_MAX_RISK_EXCEEDED", {"dqs_network_score": 0.9}),
    ("delay", "QWG_GUARDIAN_DELAY", {"guardian_decision": "DELAY"}),
    ("exceeds", "QWG_AMOUNT_EXCEEDS_BALANCE", {"tx_amount": "100001"}),
    ("wipe", "QWG_FULL_BALANCE_WIPE", {"tx_amount": "99000"}),
]:
    approvals(f"never-{id}", f"rules 1 to 3 are never waived: {id}", False, {**by("ann", "bob"), **change}, otherwise=reason)

# Order: of everything that is wrong, the first rule decides.
WORST = [
    ("QWG_CRITICAL_CHAIN_OR_NODE_RISK", {"sentinel_level": "critical"}),
    ("QWG_GUARDIAN_BLOCK", {"guardian_decision": "FREEZE"}),
    ("QWG_POLICY_MAX_RISK_EXCEEDED", {"dqs_network_score": 0.95}),
    ("QWG_AMOUNT_EXCEEDS_BALANCE", {"tx_amount": "200000"}),
    ("QWG_FULL_BALANCE_WIPE", {"tx_amount": "100000"}),
    ("QWG_EXTRA_AUTH_THRESHOLD", {"tx_amount": "60000"}),
    ("QWG_RATIO_NORMAL", {"tx_amount": "60000"}),
    ("QWG_BEHAVIOUR_OR_DEVICE", {"trusted_device": False}),
    ("QWG_NEW_ADDRESS", {}),
]
for i, (reason, _) in enumerate(WORST):
    change = {}
    for _, wrong in reversed(WORST[i:]):
        change = {**change, **wrong}
    policy = {"min_address_age_days": 7, **({"threshold_extra_auth": "90000"} if i >= 6 else {})}
    add(f"order-{i + 1}", "order", f"{reason} comes before all that follow", reason, {**BIG, **change}, policy)
add("order-delay-before-block", "order", "rule 2 stands before rule 3", "QWG_POLICY_MAX_RISK_EXCEEDED", {"tx_amount": "1000", "dqs_network_score": 0.9})

# Rule 7
add("healthy", 7, "nothing is wrong", "QWG_ALLOW")
add("all-fields", 7, "every field is there and healthy", "QWG_ALLOW", {
    "address_age_days": 400, "device_id": "phone", "tx_id": "w-1", "wallet_fingerprint": "hot-1", "user_id": "u-1", "created_at": NOW,
    "dqs_advisory": "NORMAL", "guardian_decision": "ALLOW", "guardian_reason_codes": ["within_limits"], "approvals": [], "binds": B})
add("nulls", 7, "what may be null is null", "QWG_ALLOW", dict.fromkeys(("address_age_days", "device_id", "tx_id", "wallet_fingerprint", "user_id")))

# Bindings
BOUND = {"withdrawal_id": "w-1", "amount": "5", "destinations": [{"address": "dgb1q", "amount": "5"}]}


def bind(id: str, title: str, asked: Json, shortest: Json) -> None:
    binding.add(id, rule("binding"), title, json.dumps(asked), {"ok": True, "binds": sha256(shortest)}, exact=True)


bind("plain", "id, amount and destinations", BOUND, BOUND)
bind("zeros", "amounts are taken in their shortest form", {**BOUND, "amount": "5.00", "destinations": [{"address": "dgb1q", "amount": 5}]}, BOUND)
bind("none", "absent destinations are none", {"withdrawal_id": "w-1", "amount": "5"}, {**BOUND, "destinations": []})
bind("order", "the order of destinations counts", {**BOUND, "destinations": [{"address": "b", "amount": "2"}, {"address": "a", "amount": "3"}]}, {**BOUND, "destinations": [{"address": "b", "amount": "2"}, {"address": "a", "amount": "3"}]})
for id, path, change in [("id", "/withdrawal_id", {"withdrawal_id": ""}), ("amount", "/amount", {"amount": "-5"}), ("address", "/destinations/0/address", {"destinations": [{"address": "", "amount": "5"}]})]:
    binding.add(f"refused-{id}", rule("binding"), f"refuses a malformed {id}", json.dumps({**BOUND, **change}), {"ok": False, "code": "invalid_binding", "path": path}, exact=True)


def documents() -> Json:
    """Every document of `packages/quantum-wallet-guard/vectors` by its name."""
    suites = (evaluate, binding)
    return {suite.name: suite.document() for suite in suites} | {"clauses": clauses_document(CLAUSES, suites)}

"""The rules of layer 5 again, in exact fractions, without any code of the package (design, section 8)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from shield_conformance.suite import Json

LEVELS = ["normal", "elevated", "high", "critical"]
OF_ADVISORY = {"NORMAL": 0, "UNKNOWN": 1, "ELEVATED": 1, "CRITICAL_LOCAL": 1, "CRITICAL_GLOBAL": 3}
STRONG = ("second_factor", "operator")
UNIT = Fraction(1, 10**8)
EARLIEST, END_OF_TIME = 1_230_768_000_000, 4_133_980_800_000

DEFAULTS = {
    "block_full_balance_tx": True,
    "max_tx_ratio_normal": 0.5,
    "max_tx_ratio_high": 0.1,
    "max_allowed_risk": "high",
    "cooldown_seconds_warn": 60,
    "cooldown_seconds_delay": 300,
    "threshold_extra_auth": "10000",
    "max_behaviour_score": 1.5,
    "require_trusted_device": True,
    "min_address_age_days": 0,
    "network_score_elevated": 0.25,
    "network_score_high": 0.6,
    "network_score_critical": 0.9,
    "required_approvals": 1,
    "approval_valid_seconds": 0,
}


def exact(value: Any) -> Fraction:
    """A number stands for its shortest decimal, which Python's repr is too."""
    return Fraction(value if isinstance(value, str) else repr(value))


def coins(amount: Fraction) -> str:
    """Whole base units as decimal text without trailing zeros."""
    units = amount // UNIT
    whole, rest = divmod(units, 10**8)
    return f"{whole}.{rest:08d}".rstrip("0").rstrip(".")


def standing(context: Json, policy: Json, methods: Any) -> int:
    """The people whose approvals count; names that differ only in case are one person."""
    now, valid = context.get("created_at"), policy["approval_valid_seconds"] * 1000
    people = set()
    for approval in context.get("approvals", []):
        if approval["binds"] != context.get("binds") or approval["method"] not in methods:
            continue
        if now is None and valid > 0:
            continue
        if now is not None:
            given = approval["approved_at_ms"]
            is_known = min(now, given) >= EARLIEST and max(now, given) < END_OF_TIME
            if now < given or (valid > 0 and (now - given >= valid or not is_known)):
                continue
        people.add(approval["approver"].lower())
    return len(people)


def decide(context: Json, given_policy: Json) -> tuple[str, Json]:
    """Reason id and terms of a well-formed context."""
    policy = {**DEFAULTS, **given_policy}
    score = exact(context["dqs_network_score"])
    by_score = sum(score >= exact(policy[f"network_score_{name}"]) for name in LEVELS[1:])
    sentinel, adn = LEVELS.index(context["sentinel_level"]), LEVELS.index(context["adn_level"])
    level = max(sentinel, adn, by_score, OF_ADVISORY[context.get("dqs_advisory", "NORMAL")])
    amount, balance = exact(context["tx_amount"]), exact(context["wallet_balance"])
    guardian = context.get("guardian_decision")
    delayed = {"cooldown_seconds": policy["cooldown_seconds_delay"]}
    warned = {"cooldown_seconds": policy["cooldown_seconds_warn"]}
    any_approver = standing(context, policy, ("confirmation", *STRONG))

    if 3 in (sentinel, adn):
        return "QWG_CRITICAL_CHAIN_OR_NODE_RISK", {}
    if guardian in ("FREEZE", "REJECT"):
        return "QWG_GUARDIAN_BLOCK", {}
    if level > LEVELS.index(policy["max_allowed_risk"]):
        return "QWG_POLICY_MAX_RISK_EXCEEDED", delayed
    if guardian == "DELAY":
        return "QWG_GUARDIAN_DELAY", delayed
    if amount > balance:
        return "QWG_AMOUNT_EXCEEDS_BALANCE", {}
    if policy["block_full_balance_tx"] and amount >= Fraction(99, 100) * balance:
        return "QWG_FULL_BALANCE_WIPE", {}
    is_large = amount >= exact(policy["threshold_extra_auth"])
    if is_large and standing(context, policy, STRONG) < policy["required_approvals"]:
        return "QWG_EXTRA_AUTH_THRESHOLD", {}
    unusual = exact(context["behaviour_score"]) > exact(policy["max_behaviour_score"])
    untrusted = policy["require_trusted_device"] and not context["trusted_device"]
    age = context.get("address_age_days") or 0
    share = exact(policy["max_tx_ratio_high" if level >= 2 else "max_tx_ratio_normal"]) * balance
    if amount > share and any_approver == 0:
        reason = "QWG_RATIO_HIGH_RISK" if level >= 2 else "QWG_RATIO_NORMAL"
        limit = coins(share)
        is_later = unusual or untrusted or age < policy["min_address_age_days"]
        return reason, warned if limit == "0" or is_later else {**warned, "suggested_limit": limit}
    if (unusual or untrusted) and any_approver == 0:
        return "QWG_BEHAVIOUR_OR_DEVICE", warned
    if age < policy["min_address_age_days"] and any_approver == 0:
        return "QWG_NEW_ADDRESS", warned
    return "QWG_ALLOW", {}


DECISIONS = {
    "QWG_POLICY_MAX_RISK_EXCEEDED": "delay",
    "QWG_GUARDIAN_DELAY": "delay",
    "QWG_EXTRA_AUTH_THRESHOLD": "require_extra_auth",
    "QWG_RATIO_HIGH_RISK": "warn",
    "QWG_RATIO_NORMAL": "warn",
    "QWG_BEHAVIOUR_OR_DEVICE": "warn",
    "QWG_NEW_ADDRESS": "warn",
    "QWG_ALLOW": "allow",
}


def answer(reason_id: str, terms: Json) -> Json:
    decision = DECISIONS.get(reason_id, "block")
    strong = decision == "require_extra_auth"
    return {
        "decision": decision,
        "reason_id": reason_id,
        "may_broadcast": decision == "allow",
        "require_confirmation": strong,
        "require_second_factor": strong,
        **terms,
    }

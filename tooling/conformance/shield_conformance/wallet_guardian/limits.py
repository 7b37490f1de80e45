"""What the limits find in a payment, by adding up everything that is remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shield_conformance.suite import Json
from shield_conformance.wallet_guardian.basics import DAY, ids_of, scopes_of, units

if TYPE_CHECKING:
    from shield_conformance.wallet_guardian.ledger import Ledger


def limits_of(policy: Json, scope: str) -> Json | None:
    """Limits of a scope with their places in the policy, its windows the day first; None where it has none."""
    kind = scope.split(":")[0]
    further = policy["limits"][kind]
    given = ([("", policy)] if kind == "wallet" else []) + ([] if further is None else [(f"limits/{kind}/", further)])
    if not given:
        return None
    days = [
        (DAY, g["max_24h"], None, "daily_limit", place + "max_24h") for place, g in given if g["max_24h"] is not None
    ]
    more = [
        (w["seconds"], w["max_amount"], w["max_count"], "window_limit", f"{place}windows/{n}")
        for place, g in given
        for n, w in enumerate(g["windows"])
    ]
    return {
        "per_tx": [(units(g["max_per_tx"]), place + "max_per_tx") for place, g in given if g["max_per_tx"] is not None],
        "windows": [(s, None if a is None else units(a), c, code, limit) for s, a, c, code, limit in days + more],
        "cooldown": [
            (g["cooldown_seconds"], place + "cooldown_seconds") for place, g in given if g["cooldown_seconds"] > 0
        ],
    }


def all_limits(policy: Json) -> list[Json]:
    return [limits for limits in (limits_of(policy, scope) for scope in ("account:", "wallet:", "global")) if limits]


def shortest_window(policy: Json) -> float:
    return min((w[0] * 1_000 for limits in all_limits(policy) for w in limits["windows"]), default=float("inf"))


def breach(policy: Json, risk: str, code: str, scope: str, limit: str) -> Json:
    """What the table says, and what it freezes; beyond the account nothing is frozen where accounts are."""
    decision = policy["table"][code][risk]
    if decision == "FREEZE" and policy["freeze_scope"] == "account" and not scope.startswith("account:"):
        decision = "DELAY"
    freezes = {"freezes": scope, "kind": "limit"} if decision == "FREEZE" and code != "cooldown_breach" else {}
    return {"code": code, "decision": decision, "limit": (code, scope, limit), **freezes}


def limit_findings(
    ledger: Ledger, policy: Json, ask: Json, risk: str, now: int, amount: int | None = None
) -> list[Json]:
    """All largest payouts, then all windows, then accounts frozen one after the other, then all cooldowns; `amount` in place of the one payout's."""
    scoped = [(s, limits_of(policy, s)) for s in scopes_of(ask["wallet"], ask["payouts"])]
    limited = [(s, limits) for s, limits in scoped if limits is not None]
    part = {
        s: [p["amount"] if amount is None else amount for p in ask["payouts"] if s in scopes_of(ask["wallet"], [p])]
        for s, _ in limited
    }
    found = [
        breach(policy, risk, "per_tx_limit", s, limit)
        for s, its in limited
        for most, limit in its["per_tx"]
        if max(part[s]) > most
    ]
    for scope, limits in limited:
        for window in limits["windows"]:
            found += window_findings(ledger, policy, ask, risk, now, scope, part[scope], window)
    found += accounts_frozen(ledger, policy, ask, now, found)
    for scope, limits in limited:
        for seconds, limit in limits["cooldown"]:
            if any(p != ask["id"] and s == scope and now - at < seconds * 1_000 for p, s, at in ledger.allows):
                found.append(breach(policy, risk, "cooldown_breach", scope, limit))
    return found


def window_findings(
    ledger: Ledger, policy: Json, ask: Json, risk: str, now: int, scope: str, part: list[int], window: Any
) -> list[Json]:
    seconds, max_amount, max_count, code, limit = window
    finding = breach(policy, risk, code, scope, limit)
    if (max_amount is not None and sum(part) > max_amount) or (max_count is not None and len(part) > max_count):
        return [{**finding, "decision": "REJECT"}]
    counts_requests = risk != "LOW" and (policy["freeze_scope"] == "wallet" or scope.startswith("account:"))
    kinds = ["allowed", "requested"] if counts_requests else ["allowed"]
    counted = [
        r["payout"]["amount"]
        for r in ledger.others(scope, ids_of(ask))
        if (r["counts"] == "reserved" and now < r["at"]) or (r["counts"] in kinds and now - r["at"] < seconds * 1_000)
    ]
    over = (max_amount is not None and sum(counted + part) > max_amount) or (
        max_count is not None and len(counted + part) > max_count
    )
    return [finding] if over else []


def over_windows(ledger: Ledger, policy: Json, ask: Json, now: int) -> list[str]:
    """The windows that are full, whatever the table makes of that."""
    found = []
    for scope in scopes_of(ask["wallet"], ask["payouts"]):
        part = [p["amount"] for p in ask["payouts"] if scope in scopes_of(ask["wallet"], [p])]
        for window in (limits_of(policy, scope) or {"windows": []})["windows"]:
            found += window_findings(ledger, policy, ask, "LOW", now, scope, part, window)
    return [f["code"] for f in found]


def newly_frozen_accounts(ledger: Ledger, policy: Json, found: list[Json]) -> list[str]:
    """Accounts that findings freeze and that nothing froze before."""
    if policy["freeze_scope"] == "wallet":
        return []
    frozen = [f["freezes"] for f in found if f.get("kind") == "limit" and f["freezes"].startswith("account:")]
    return [scope for scope in dict.fromkeys(frozen) if not ledger.is_frozen(scope)]


def accounts_frozen(ledger: Ledger, policy: Json, ask: Json, now: int, found: list[Json]) -> list[Json]:
    """Enough accounts frozen within a while freeze their wallet."""
    rule, scope, code = policy["accounts_frozen"], "wallet:" + ask["wallet"], "accounts_frozen"
    news = newly_frozen_accounts(ledger, policy, found)
    recent = [
        at
        for (wallet, _), at in ledger.account_freezes.items()
        if wallet == ask["wallet"] and now - at < rule["seconds"] * 1_000
    ]
    if not news or len(news) + len(recent) < rule["count"]:
        return []
    return [{"code": code, "decision": "FREEZE", "freezes": scope, "kind": "limit", "limit": (code, scope, code)}]

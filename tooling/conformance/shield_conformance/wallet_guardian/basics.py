"""Amounts, policies and requests of the reference model, in whole numbers of base units."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from shield_conformance.suite import Json

DAY = 86_400
ORDER = ["ALLOW", "DELAY", "FREEZE", "REJECT"]
RISKS = ["LOW", "MEDIUM", "HIGH"]
MOST = 2**63 - 1
COIN = 10**8


def row(*decisions: Any) -> Json:
    return dict(zip(RISKS, decisions, strict=False))


TABLE = {
    "within_limits": row("ALLOW", "ALLOW", "ALLOW"),
    "cooldown_breach": row("DELAY", "DELAY", "REJECT"),
    "per_tx_limit": row("REJECT", "REJECT", "REJECT"),
    "daily_limit": row("DELAY", "FREEZE", "FREEZE"),
    "window_limit": row("DELAY", "FREEZE", "FREEZE"),
    "wallet_frozen": row("REJECT", "REJECT", "REJECT"),
    "frozen_persistent_attempts": row("REJECT", "REJECT", "REJECT"),
}
POLICY = {
    "name": "default",
    "claim": "implicit",
    "freeze_scope": "wallet",
    "high_risk_freeze": True,
    "release_freeze_at_low": "risk",
    "lift_after_low_seconds": 600,
    "freeze_seconds": None,
    "spike": None,
    "allow_valid_seconds": 60,
    "max_clock_jump_ms": 5_000,
    "allow_destinations": None,
    "deny_destinations": [],
    "new_destination_seconds": None,
    "destination_lookalikes": False,
}


def units(amount: Any) -> int:
    return int(Decimal(str(amount)) * COIN)


def text(amount_units: int) -> str:
    whole, rest = divmod(amount_units, COIN)
    return f"{whole}.{rest:08d}".rstrip("0").rstrip(".")


def money(amount: Any) -> str | None:
    return None if amount is None else text(units(amount))


def with_defaults(policy: Json) -> Json:
    """A policy with all its fields, amounts in their one notation."""

    def limits(given: Json) -> Json:
        windows = [
            {"seconds": w["seconds"], "max_amount": money(w.get("max_amount")), "max_count": w.get("max_count")}
            for w in given.get("windows", [])
        ]
        return {
            "max_per_tx": money(given.get("max_per_tx")),
            "max_24h": money(given.get("max_24h")),
            "windows": windows,
            "cooldown_seconds": given.get("cooldown_seconds", 0),
        }

    further = policy.get("limits", {})
    scoped = {scope: limits(further[scope]) if scope in further else None for scope in ("account", "wallet", "global")}
    amounts = {
        "max_fee": money(policy.get("max_fee")),
        "max_fee_ratio": money(policy.get("max_fee_ratio")),
        "new_destination_free": money(policy.get("new_destination_free", "0")),
    }
    rest = {key: policy.get(key, value) for key, value in POLICY.items()}
    return {
        **limits(policy),
        "limits": scoped,
        **amounts,
        **rest,
        "accounts_frozen": {"count": 5, "seconds": 3_600, **policy.get("accounts_frozen", {})},
        "persistent_attempts": {"count": 3, "seconds": 1_800, **policy.get("persistent_attempts", {})},
        "table": {**TABLE, **policy.get("table", {})},
    }


def question_of(request: Json) -> Json:
    """A withdrawal or a payment in one form; a payment whose one payout has its id is a withdrawal."""
    listed = request.get("payouts")
    id = request["payment_id"] if "payment_id" in request else request["withdrawal_id"]
    payouts = [payout_of(p) for p in (listed if listed is not None else [request])]
    single = len(payouts) == 1 and payouts[0]["id"] == id
    return {"form": "withdrawal" if single else "payment", "id": id, "wallet": request["wallet_id"], "payouts": payouts}


def payout_of(given: Json) -> Json:
    return {
        "id": given["withdrawal_id"],
        "account": given.get("account_id"),
        "amount": units(given["amount"]),
        "max_fee": units(given["max_fee"]) if "max_fee" in given else None,
        "to": [(d["address"], units(d["amount"])) for d in given.get("destinations", [])],
    }


def scopes_of(wallet: str, payouts: list[Json]) -> list[str]:
    """Accounts in the order of their ids, the wallet, everything."""
    accounts = sorted({p["account"] for p in payouts if p["account"] is not None}, key=lambda a: a.encode("utf-16-be"))
    return ["account:" + a for a in accounts] + ["wallet:" + wallet, "global"]


def ids_of(ask: Json) -> list[str]:
    return [ask["id"]] + [p["id"] for p in ask["payouts"]]


def worst(found: list[Json]) -> str:
    return max((f["decision"] for f in found), key=ORDER.index, default="ALLOW")


def risk_of(given: Any) -> tuple[str, int | None]:
    """The level, and since when it has been LOW."""
    return (given["level"], given.get("low_since_ms")) if isinstance(given, dict) else (given, None)

"""What the rules of destinations and fees find."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from shield_conformance.suite import Json
from shield_conformance.wallet_guardian.basics import COIN, units

if TYPE_CHECKING:
    from shield_conformance.wallet_guardian.ledger import Ledger


def key_of(address: str, scripts: Json | None) -> str | None:
    """What two spellings of one destination have in common; None: it cannot be read."""
    if scripts is not None:
        return scripts.get(address)
    return address.lower() if address == address.upper() else address


def shape_of(address: str) -> tuple[str, str] | None:
    """What a person sees of an address: four characters after prefix and witness version, and the last four."""
    key = address.lower() if address == address.upper() else address
    bech32 = re.fullmatch(r"[a-z]+1.([02-9ac-hj-np-z]+)", key)
    seen = bech32[1] if bech32 else key[1:]
    return None if len(seen) < 12 else (seen[:4], seen[-4:])


def are_required(policy: Json) -> bool:
    """Whether destinations have to be named, and to add up."""
    optional = ("allow_destinations", "max_fee", "max_fee_ratio", "new_destination_seconds")
    return (
        bool(policy["deny_destinations"])
        or policy["destination_lookalikes"]
        or any(policy[key] is not None for key in optional)
    )


def owner_of(wallet: str | None, account: str | None) -> str:
    return f"wallet:{wallet}" if account is None else f"account:{account}"


def list_findings(policy: Json, scripts: Json | None, ask: Json) -> list[Json]:
    """The rules that need no memory: lists and caps."""
    keys = [key_of(address, scripts) for p in ask["payouts"] for address, _ in p["to"]]

    def listed(name: str) -> list[str | None]:
        return [key_of(address, scripts) for address in policy[name]]

    denied = listed("deny_destinations")
    allowed = None if policy["allow_destinations"] is None else listed("allow_destinations")
    found: list[Json] = []
    if any(k is not None and (k in denied or (allowed is not None and k not in allowed)) for k in keys):
        found.append({"code": "destination_denied", "decision": "REJECT"})
    if None in keys:
        found.append({"code": "destination_unreadable", "decision": "REJECT"})
    fee = sum(p["max_fee"] or 0 for p in ask["payouts"])
    paid = sum(amount for p in ask["payouts"] for _, amount in p["to"])
    scope = "wallet:" + ask["wallet"]
    if policy["max_fee"] is not None and fee > units(policy["max_fee"]):
        found.append({"code": "fee_limit", "decision": "REJECT", "limit": ("fee_limit", scope, "max_fee")})
    if policy["max_fee_ratio"] is not None and paid > 0 and fee * COIN > units(policy["max_fee_ratio"]) * paid:
        found.append({"code": "fee_limit", "decision": "REJECT", "limit": ("fee_limit", scope, "max_fee_ratio")})
    return found


def is_new(policy: Json, known: Json, now: int) -> bool:
    seconds = policy["new_destination_seconds"]
    return seconds is not None and now - known["at"] < seconds * 1_000 and not known["approved"]


def first_seen(owner: str, address: str, key: str, now: int) -> Json:
    """A destination at first sight."""
    return {"owner": owner, "key": key, "shape": shape_of(address), "at": now, "approved": False, "free_used": 0}


def alike(ledger: Ledger, named: list[list[Any]]) -> bool:
    """Whether a destination looks like another one of its owner, whichever was named first, without an operator's approval."""
    here = [(k["owner"], k["key"], shape) for k, _, shape in named]
    there = [(k["owner"], k["key"], k["shape"]) for k in ledger.known]
    return any(
        s is not None
        and not k["approved"]
        and any(o == k["owner"] and q != k["key"] and t == s for o, q, t in here + there)
        for k, _, s in named
    )


def named_in(ledger: Ledger, policy: Json, scripts: Json | None, ask: Json, now: int) -> list[list[Any]]:
    """The destinations of a payment and what goes to each, those of the first time as they will be remembered."""
    named = {}
    for payout in ask["payouts"]:
        owner = owner_of(ask["wallet"], payout["account"])
        for address, amount in payout["to"]:
            key = key_of(address, scripts)
            if key is None:
                continue
            if (owner, key) not in named:
                known = next((k for k in ledger.known if (k["owner"], k["key"]) == (owner, key)), None)
                named[owner, key] = [known or first_seen(owner, address, key, now), 0, shape_of(address)]
            named[owner, key][1] += amount
    return list(named.values())


def new_findings(ledger: Ledger, policy: Json, scripts: Json | None, ask: Json, asked_at: int, now: int) -> list[Json]:
    """What is new waits, a look-alike waits for an operator."""
    named, found = named_in(ledger, policy, scripts, ask, asked_at), []
    if any(
        is_new(policy, k, now) and k["free_used"] + amount > units(policy["new_destination_free"])
        for k, amount, _ in named
    ):
        found.append({"code": "new_destination", "decision": "DELAY"})
    if policy["destination_lookalikes"] and alike(ledger, named):
        found.append({"code": "destination_lookalike", "decision": "DELAY"})
    return found


def remember_places(ledger: Ledger, policy: Json, scripts: Json | None, ask: Json, now: int, allowed: bool) -> None:
    if policy["new_destination_seconds"] is None and not policy["destination_lookalikes"]:
        return
    for known, amount, _ in named_in(ledger, policy, scripts, ask, now):
        if known not in ledger.known:
            ledger.known.append(known)
        if allowed and is_new(policy, known, now):
            known["free_used"] += amount

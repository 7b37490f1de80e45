"""Signals to build requests from. Their `context_hash` is any 64 hexadecimal digits: the contract fixes its form alone."""

from __future__ import annotations

from typing import Any

from shield_conformance.jcs import sha256
from shield_conformance.suite import Json

KEYS = ["contract_version", "component", "request_id", "context_hash", "decision", "risk", "reason_codes", "evidence", "meta"]
ABSENT = object()


def signal(component: Any="sentinel", decision: Any="ALLOW", score: float=0.1, tier: str="LOW", reason_codes: Any=("SENTINEL_NORMAL",), **over: Any) -> Json:
    """A valid envelope; `over` replaces members, and ABSENT removes one."""
    envelope = {
        "contract_version": 3,
        "component": component,
        "request_id": "s-1",
        "context_hash": sha256(component if isinstance(component, str) else "sentinel"),
        "decision": decision,
        "risk": {"score": score, "tier": tier},
        "reason_codes": list(reason_codes) if isinstance(reason_codes, tuple) else reason_codes,
        "evidence": {},
        "meta": {"fail_closed": True},
    }
    envelope.update(over)
    return {key: value for key, value in envelope.items() if value is not ABSENT}


def nested(depth: int) -> Json:
    """Objects inside each other; depth 1 is an empty one."""
    value: Json = {}
    for _ in range(depth - 1):
        value = {"a": value}
    return value

"""Short ways to write histories down. Minutes and seconds are counted from 2026-06-28T16:40:05Z."""

from __future__ import annotations

import json
from typing import Any

from shield_conformance.jcs import canonical, sha256
from shield_conformance.suite import Json
from shield_conformance.wallet_guardian.reference_model import play

START = 1_782_664_805_000
SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
TXID, OTHER_TXID, THIRD_TXID = "ab" * 32, "cd" * 32, "ef" * 32


def ask(
    at: int,
    id: str,
    amount: Any,
    risk: Any = "LOW",
    finalize: str | None = None,
    expect: Json | None = None,
    steady: int | None = None,
    **fields: Any,
) -> Json:
    """A request; `fields` replace those of the withdrawal, and None takes one away."""
    withdrawal = {"withdrawal_id": id, "wallet_id": "hot-1", "amount": amount, **fields}
    step = {"at_ms": START + at, "evaluate": {k: v for k, v in withdrawal.items() if v is not None}, "risk": risk}
    return step | {
        k: v for k, v in {"finalize": finalize, "expect": expect, "steady_ms": steady}.items() if v is not None
    }


def act(at: int, what: str, value: Any, **more: Any) -> Json:
    return {"at_ms": START + at, what: value, **more}


def low(since: int) -> Json:
    """LOW since a time."""
    return {"level": "LOW", "low_since_ms": START + since}


def pay(
    at: int,
    id: str,
    payouts: list[Any],
    risk: str = "LOW",
    finalize: None = None,
    expect: Json | None = None,
    by: None = None,
    **fields: Any,
) -> Json:
    """A payment of payouts `(id, amount, {field: value})`."""
    listed = [{"withdrawal_id": p, "amount": amount, **(more[0] if more else {})} for p, amount, *more in payouts]
    step = {
        "at_ms": START + at,
        "evaluate": {"payment_id": id, "wallet_id": "hot-1", "payouts": listed, **fields},
        "risk": risk,
    }
    return step | {k: v for k, v in {"finalize": finalize, "expect": expect, "by": by}.items() if v is not None}


def claim(
    at: int, id: str, signer: str = "signer-1", inputs: list[int] | None = None, risk: str = "LOW", **more: Any
) -> Json:
    """A signer's claim; inputs are numbers of coins."""
    named = {} if inputs is None else {"transaction": {"inputs": [coin(n) for n in inputs]}}
    return {"at_ms": START + at, "claim": id, "signer_id": signer, **named, "risk": risk, **more}


def coin(n: int) -> str:
    return f"{n:02x}" * 32 + ":0"


def to(*places: Any) -> list[Json]:
    """Destinations `(address, amount)`."""
    return [{"address": address, "amount": amount} for address, amount in places]


def operator_cause(at: int, scope: str, id: str) -> str:
    """The name of an operator's freeze."""
    order = {"scope": scope, "id": id, "operator": "operator", "reason": "as the history says", "at_ms": START + at}
    return "operator-" + sha256(canonical(order))[:32]


class Suite:
    def __init__(self, name: str, source: str) -> None:
        self.name, self.source = name, source
        self.cases: list[Json] = []
        self.differences: list[str] = []

    def add(
        self,
        id: str,
        clause: str,
        title: str,
        policy: Json,
        steps: list[Json],
        result: list[str],
        monotonic: bool = False,
        **more: Any,
    ) -> None:
        """A case; `said` is the gist of each answer, by hand: the restatement has to come to the same."""
        assert all(case["id"] != id for case in self.cases), id
        history = {"policy": policy, **more, **({"monotonic": True} if monotonic else {}), "steps": steps}
        expect = play(history)
        gist = [gist_of(a) for a in expect["answers"]]
        self.differences += [
            f"{id}, step {n}: by hand {a!r}, computed {b!r}"
            for n, (a, b) in enumerate(zip(result, gist, strict=False))
            if a != b
        ]
        assert len(gist) == len(result), (id, gist)
        request = {**history, "steps": [{k: v for k, v in s.items() if k != "expect"} for s in steps]}
        text = json.dumps(request, ensure_ascii=True, separators=(",", ":"))
        self.cases.append(
            {"id": id, "clause": clause, "title": title, "input": {"text": text}, "expect": expect, "exact": True}
        )

    def document(self) -> Json:
        return {
            "vectors_version": 1,
            "contract_version": 3,
            "suite": self.name,
            "source": self.source,
            "cases": self.cases,
        }


def gist_of(answer: Json) -> str:
    """Decision and codes; `not final` where the finalize hook refused an ALLOW."""
    if "accepted" in answer:
        return " ".join(["accepted" if answer["accepted"] else "refused", *answer["reason_codes"]])
    if "final" not in answer:
        return " ".join([answer["decision"], *[c for c in answer["reason_codes"] if c != "claimed_now"]])
    hint = [] if answer["final"] or answer["decision"] != "ALLOW" else ["(not final)"]
    return " ".join([answer["decision"], *[c for c in answer["reason_codes"] if c != "within_limits"], *hint])

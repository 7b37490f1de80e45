"""Section 7 of the design once more, in Python, without any code of the packages: lists, whole numbers, brute force."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shield_conformance.jcs import canonical, sha256
from shield_conformance.suite import Json
from shield_conformance.wallet_guardian.basics import RISKS, question_of, scopes_of, with_defaults
from shield_conformance.wallet_guardian.clock import Clock
from shield_conformance.wallet_guardian.decide import LIFTED_AT_LOW, Evaluation, is_lapsed
from shield_conformance.wallet_guardian.destinations import first_seen, key_of, owner_of
from shield_conformance.wallet_guardian.ledger import Ledger
from shield_conformance.wallet_guardian.limits import limits_of
from shield_conformance.wallet_guardian.settle import claim, commit, release


class Guardian:
    """One process: its policy, its clock, and the ledger that it shares with others."""

    def __init__(self, policy: Json, ledger: Ledger, clock: Callable[..., Any], scripts: Json | None) -> None:
        self.policy = with_defaults(policy)
        self.version = sha256(canonical(self.policy))
        self.ledger, self.clock, self.scripts = ledger, clock(self.policy["max_clock_jump_ms"]), scripts
        self.was_current = False
        self.first_generation: int | None = None

    def is_outdated(self) -> bool:
        """Whether another policy became the current one of its name after this one, or after the first look."""
        version, generation = self.ledger.policies.get(self.policy["name"], (None, 0))
        if version == self.version:
            self.was_current = True
            return False
        if self.was_current or self.first_generation not in (None, generation):
            return True
        self.first_generation = generation
        return False

    def is_current(self) -> bool:
        return self.ledger.policies.get(self.policy["name"], (None, 0))[0] == self.version

    def register(self) -> None:
        """The first decision makes the policy the current one of its name."""
        version, generation = self.ledger.policies.get(self.policy["name"], (None, 0))
        if version != self.version:
            self.ledger.policies[self.policy["name"]] = (self.version, generation + 1)

    def locked(self, scopes: list[str]) -> list[str]:
        return [s for s in scopes if limits_of(self.policy, s)]

    def moment(self, scopes: list[str]) -> tuple[int, int, bool]:
        """The time that counts, the clock's, and whether it is trusted: the ledger may have seen later ones."""
        clock_ms, trusted = self.now
        locked = self.locked(scopes)
        stored = max(
            [0] + [self.ledger.times.get(s, 0) for s in locked] + [at for _, s, at in self.ledger.allows if s in locked]
        )
        now = max(clock_ms, stored)
        return now, clock_ms, trusted and now <= clock_ms + self.policy["max_clock_jump_ms"]

    def remember(self, scopes: list[str], now: int) -> None:
        self.ledger.times.update(dict.fromkeys(self.locked(scopes), now))

    def has_ended(self, freeze: Json, now: int) -> bool:
        seconds = self.policy["freeze_seconds"]
        return seconds is not None and freeze["kind"] != "operator" and now - freeze["last"] >= seconds * 1_000

    def are_frozen(self, scopes: list[str], now: int) -> bool:
        return any(f["scope"] in scopes and not self.has_ended(f, now) for f in self.ledger.freezes)

    def lift(self, scopes: list[str], risk: str, low_since: int | None, now: int) -> None:
        """Ends what has ended by itself, and what risk that has been low for a while ends."""
        kinds, seconds = LIFTED_AT_LOW[self.policy["release_freeze_at_low"]], self.policy["lift_after_low_seconds"]

        def low(freeze: Json) -> bool:
            since = low_since if risk == "LOW" else None
            return since is not None and freeze["kind"] in kinds and freeze["last"] < since <= now - seconds * 1_000

        self.ledger.freezes = [
            f for f in self.ledger.freezes if f["scope"] not in scopes or not (self.has_ended(f, now) or low(f))
        ]

    def stands(self, payment: Json, risk: str, now: int, clock_ms: int) -> bool:
        """Whether the ALLOW still holds for this risk, by this policy, with nothing frozen."""
        answer, longest = (
            payment["answer"],
            self.policy["allow_valid_seconds"] * 1_000 + self.policy["max_clock_jump_ms"],
        )
        return (
            payment["status"] in ("reserved", "claimed")
            and answer is not None
            and not is_lapsed(payment, now)
            and clock_ms < answer["result"]["valid_until_ms"] <= clock_ms + longest
            and not self.are_frozen(scopes_of(payment["ask"]["wallet"], payment["ask"]["payouts"]), now)
            and RISKS.index(risk) <= RISKS.index(answer["risk"])
            and answer["version"] == self.version
        )

    def end_reservation(self, payment: Json) -> None:
        """Nothing of it could be signed: it counts no more."""
        payment |= {"status": "open", "answer": None}
        for row in self.ledger.rows_of(payment):
            row |= {"counts": "nothing"}

    def order(self, scopes: list[str]) -> int:
        """What is ordered is recorded whatever the clock is worth, at a time that makes nothing milder."""
        now, _, trusted = self.moment(scopes)
        if trusted:
            self.remember(scopes, now)
        return now

    def freeze(self, kind: str, id: str) -> Json:
        scope = scope_of(kind, id)
        now = self.order([scope])
        self.ledger.begin_series(scope)
        order = {"scope": kind, "id": id, "operator": "operator", "reason": "as the history says", "at_ms": now}
        self.ledger.freeze(scope, "operator", "operator-" + sha256(canonical(order))[:32], now)
        return {"accepted": True, "reason_codes": []}

    def unfreeze(self, kind: str, id: str) -> Json:
        """A scope's automatic freezes; an operator's is lifted by its name alone."""
        ledger, scope = self.ledger, None if kind == "cause" else scope_of(kind, id)
        here = [f for f in ledger.freezes if (f["cause"] == id if scope is None else f["scope"] == scope)]
        gone = [f for f in here if scope is None or f["kind"] != "operator"]
        if not gone:
            return {"accepted": False, "reason_codes": ["operator_freeze" if here else "not_frozen"]}
        self.order([] if scope is None else [scope])
        ledger.freezes = [f for f in ledger.freezes if f not in gone]
        return {"accepted": True, "reason_codes": []}

    def know(self, place: Json, approved: bool) -> Json:
        """A destination that is named ahead, or that an operator has looked at."""
        owner = owner_of(place.get("wallet_id"), place.get("account_id"))
        key = key_of(place["address"], self.scripts)
        if key is None:
            return {"accepted": False, "reason_codes": ["destination_unreadable"]}
        now, _, trusted = self.moment([owner])
        if not trusted and not approved:
            return {"accepted": False, "reason_codes": ["clock_untrusted"]}
        known = next((k for k in self.ledger.known if (k["owner"], k["key"]) == (owner, key)), None)
        if known is not None and not approved:
            return {"accepted": True, "reason_codes": [], "repeated": True}
        if known is None:
            known = first_seen(owner, place["address"], key, now)
            self.ledger.known.append(known)
        known["approved"] = known["approved"] or approved
        if trusted:
            self.remember([owner], now)
        return {"accepted": True, "reason_codes": []}

    def accept_clock(self) -> Json:
        self.clock.accept()
        self.ledger.redate(self.clock.wall, 86_400_000 + self.policy["max_clock_jump_ms"])
        return {"accepted": True, "reason_codes": []}

    def take(self, step: Json, steady: int | None) -> Json:
        self.now = self.clock.read(step["at_ms"], steady)
        if "expect" in step:
            return {"decision": "REJECT", "final": False, "decided_at_ms": self.now[0], **step["expect"]}
        if "evaluate" in step:
            return Evaluation(self, question_of(step["evaluate"]), step["risk"], step.get("finalize")).answer()
        for name, call in (("claim", claim), ("commit", commit), ("release", release)):
            if name in step:
                return call(self, step) | ({"decided_at_ms": self.now[0]} if name == "claim" else {})
        for name, order in (("freeze", self.freeze), ("unfreeze", self.unfreeze)):
            if name in step:
                return order(step[name]["scope"], step[name]["id"])
        for name, approved in (("register_destination", False), ("approve_destination", True)):
            if name in step:
                return self.know(step[name], approved)
        return self.accept_clock()


def scope_of(kind: str, id: str) -> str:
    return kind if kind == "global" else f"{kind}:{id}"


def play(history: Json) -> Json:
    """The answers to a history. A step with `expect` is malformed: its answer is written by hand, and nothing happens."""
    steps, ledger, scripts = history["steps"], Ledger(), history.get("scripts")

    def steady(step: Json) -> int | None:
        return step.get("steady_ms", step["at_ms"]) if history.get("monotonic") else None

    def clock(skew: int) -> Clock:
        return Clock(skew, steps[0]["at_ms"], steady(steps[0]))

    guardians = [
        Guardian(policy, ledger, clock, scripts)
        for policy in [history["policy"], history.get("other_policy", history["policy"])]
    ]
    answers = [guardians[1 if step.get("by") == "other" else 0].take(step, steady(step)) for step in steps]
    return {"policy_version": guardians[0].version, "answers": answers}

"""One evaluation: the id, the destinations, the freezes, the limits, and what is remembered of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shield_conformance.jcs import canonical, sha256
from shield_conformance.suite import Json
from shield_conformance.wallet_guardian.basics import MOST, ids_of, risk_of, scopes_of, text, worst
from shield_conformance.wallet_guardian.destinations import are_required, list_findings, new_findings, remember_places
from shield_conformance.wallet_guardian.limits import all_limits, limit_findings, newly_frozen_accounts

if TYPE_CHECKING:
    from shield_conformance.wallet_guardian.ledger import Ledger
    from shield_conformance.wallet_guardian.reference_model import Guardian

LIFTED_AT_LOW = {"risk": ["risk"], "all": ["risk", "limit"], "none": []}
LONGEST_WAIT = 3_600_000


def is_lapsed(payment: Json, now: int) -> bool:
    return payment["status"] == "reserved" and now >= payment["at"]


def refusal_of(ledger: Ledger, ask: Json, now: int) -> tuple[str | None, str | None]:
    """Finds why a payment cannot be requested, and the transaction that paid it."""
    for id in ids_of(ask):
        payment, row = ledger.payment(id), ledger.row(id)
        payout = next((p for p in ask["payouts"] if p["id"] == id), None)
        changed = id == ask["id"] and payment is not None and payment["ask"] != ask
        other_kind = row is not None if payout is None else row is None and payment is not None
        if (
            changed
            or other_kind
            or (row is not None and payout is not None and (row["wallet"], row["payout"]) != (ask["wallet"], payout))
        ):
            return "content_changed", None
    own = ledger.payment(ask["id"])
    if own is not None and own["status"] == "committed":
        return "already_committed", own["txid"]
    if own is not None and own["status"] == "claimed":
        return None, None
    for payout in ask["payouts"]:
        row = ledger.row(payout["id"])
        if row is None or row["payment"] == ask["id"]:
            continue
        other = ledger.payment(row["payment"])
        assert other is not None, "a row names a payment that is remembered"
        if other["status"] == "committed":
            return "already_committed", other["txid"]
        if other["status"] == "claimed" or (other["status"] == "reserved" and not is_lapsed(other, now)):
            return "in_other_payment", None
    return None, None


def moments_of(ledger: Ledger, policy: Json, now: int, more: Any = ()) -> list[int]:
    """Every later moment at which anything that is remembered may count no more."""
    seconds = policy["new_destination_seconds"] or 0
    spans = {w[0] for limits in all_limits(policy) for w in limits["windows"] + limits["cooldown"]} | {0}
    starts = {r["at"] for r in ledger.rows + ledger.doubles if r["at"] is not None} | {at for _, _, at in ledger.allows}
    known = {k["at"] + seconds * 1_000 for k in ledger.known} | {now + seconds * 1_000}
    moments = {t + s * 1_000 for t in starts for s in spans} | known | set(more)
    return sorted(m for m in moments if m > now)


class Evaluation:
    """One evaluation by one guardian."""

    def __init__(self, guardian: Guardian, ask: Json, risk: Any, finalize: str | None) -> None:
        self.guardian, self.ledger, self.policy = guardian, guardian.ledger, guardian.policy
        self.ask, self.finalize = ask, finalize
        self.risk, self.low_since = risk_of(risk)
        self.scopes = scopes_of(ask["wallet"], ask["payouts"])

    def answer(self) -> Json:
        now, clock_ms, trusted = self.guardian.moment(self.scopes)

        def refuse(code: str, **more: Any) -> Json:
            result = {"decision": "REJECT", "reason_codes": [code], "final": False, "decided_at_ms": clock_ms}
            return self.run_finalize(result | more)

        if self.guardian.is_outdated():
            return refuse("policy_outdated")
        if not trusted:
            return refuse("clock_untrusted", retry_after_ms=5_000)
        self.guardian.register()
        self.now, self.clock_ms = now, clock_ms
        payment = self.ledger.payment(self.ask["id"])
        refused, txid = refusal_of(self.ledger, self.ask, now)
        self.guardian.remember(self.scopes, now)
        if refused is None and payment is not None and self.guardian.stands(payment, self.risk, now, clock_ms):
            return self.again(payment)
        if refused is None and payment is not None and payment["status"] == "claimed":
            refused = "claim_unsettled"
        verdict = self.rule(refused, payment)
        result = self.valid_for(self.run_finalize(verdict if txid is None else {**verdict, "txid": txid}))
        if refused is None:
            self.store(result, verdict["decision"])
        return result

    def again(self, payment: Json) -> Json:
        """The same answer, if the finalize hook still agrees; else it is in force no more."""
        result = self.run_finalize(payment["answer"]["result"])
        if result["final"]:
            return {**self.valid_for(result), "repeated": True}
        payment["answer"] = None
        if payment["status"] == "reserved":
            self.guardian.end_reservation(payment)
        return result

    def rule(self, refused: str | None, payment: Json | None) -> Json:
        ledger, now = self.ledger, self.now
        self.waits = self.notice_lapse(payment)
        self.guardian.lift(self.scopes, self.risk, self.low_since, now)
        first = self.findings(refused, now)
        frozen = [s for s in self.scopes if ledger.is_frozen(s) or any(f.get("freezes") == s for f in first)]
        for scope in frozen:
            ledger.begin_series(scope)
        found = first + self.persistence(first, frozen)
        decision = worst(found)
        if decision in ("FREEZE", "REJECT"):
            ledger.attempts += [(s, now) for s in frozen]
        codes = list(dict.fromkeys(f["code"] for f in found)) or ["within_limits"]
        result = {"decision": decision, "reason_codes": codes, "final": decision == "ALLOW", "decided_at_ms": now}
        result |= self.hints(found) if refused is None else {}
        breaches = [dict(zip(("code", "scope", "limit"), f["limit"], strict=False)) for f in found if "limit" in f]
        result |= {"breaches": breaches} if breaches else {}
        if decision == "ALLOW":
            result["valid_until_ms"] = self.clock_ms + self.policy["allow_valid_seconds"] * 1_000
        return result | self.freeze(found)

    def findings(self, refused: str | None, now: int, amount: int | None = None) -> list[Json]:
        ledger, policy, ask, risk = self.ledger, self.policy, self.ask, self.risk
        found = [{"code": refused, "decision": "REJECT"}] if refused else []
        found += list_findings(policy, self.guardian.scripts, ask)
        if refused is None:
            found += new_findings(ledger, policy, self.guardian.scripts, ask, self.now, now)
        table, freezes = policy["table"], {"freezes": "wallet:" + ask["wallet"], "kind": "risk"}
        if any(ledger.is_frozen(s) for s in self.scopes):
            found.append(
                {
                    "code": "high_risk_lockdown" if risk == "HIGH" else "wallet_frozen",
                    "decision": table["wallet_frozen"][risk],
                }
            )
        if risk == "HIGH" and policy["high_risk_freeze"]:
            found.append({"code": "high_risk_freeze", "decision": "FREEZE", **freezes})
        always = table["within_limits"][risk]
        if always != "ALLOW":
            found.append({"code": "elevated_risk", "decision": always, **(freezes if always == "FREEZE" else {})})
        if refused is None:
            found += limit_findings(ledger, policy, ask, risk, now, amount)
            if now < self.wait_end():
                found.append({"code": "reservation_lapsed", "decision": "DELAY"})
        return found

    def notice_lapse(self, payment: Json | None) -> tuple[int, int | None, bool]:
        """Lapses that an ALLOW came after, the last one, and whether none has come after that."""
        if payment is None:
            return 0, None, False
        return (payment["lapse"][0], payment["at"], True) if is_lapsed(payment, self.now) else payment["lapse"]

    def wait_end(self) -> int:
        """Until when a payment that lapsed before has to wait for another reservation."""
        count, at, is_open = self.waits
        if not is_open or count == 0:
            return 0
        return at + min(LONGEST_WAIT, self.policy["allow_valid_seconds"] * 1_000 * 2 ** (count - 1))

    def persistence(self, first: list[Json], frozen: list[str]) -> list[Json]:
        rule, code = self.policy["persistent_attempts"], "frozen_persistent_attempts"
        if worst(first) not in ("FREEZE", "REJECT"):
            return []
        counts = [
            len([a for a in self.ledger.attempts if a[0] == s and self.now - a[1] < rule["seconds"] * 1_000])
            for s in frozen
        ]
        return (
            [{"code": code, "decision": self.policy["table"][code][self.risk]}]
            if any(c + 1 >= rule["count"] for c in counts)
            else []
        )

    def freeze(self, found: list[Json]) -> Json:
        ledger = self.ledger
        had = {(f["scope"], f["kind"]) for f in ledger.freezes}
        causes = {"risk": "risk_high", "limit": "breach-" + sha256(canonical(self.ask["id"]))[:32]}
        accounts = newly_frozen_accounts(ledger, self.policy, found)
        freezing = [f for f in found if "freezes" in f]
        for f in freezing:
            ledger.freeze(f["freezes"], f["kind"], causes[f["kind"]], self.now)
        for account in accounts:
            ledger.account_freezes[self.ask["wallet"], account] = self.now
        news = [f for f in freezing if (f["freezes"], f["kind"]) not in had]
        if not news:
            return {}
        kind = "limit" if any(f["kind"] == "limit" for f in news) else "risk"
        return {"freeze": {"cause_id": causes[kind], "scopes": list(dict.fromkeys(f["freezes"] for f in news))}}

    def hints(self, found: list[Json]) -> Json:
        ledger = self.ledger
        # Where destinations are required, the amount does not change alone.
        single = len(self.ask["payouts"]) == 1 and not are_required(self.policy)
        if any("freezes" in f for f in found):
            return {"allowed_now": "0"} if single else {}
        hints: Json = {}

        def passes(now: int, amount: int | None = None) -> bool:
            return worst(self.findings(None, now, amount)) == "ALLOW"

        if single and not passes(self.now, MOST):
            low, high = 0, MOST
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if passes(self.now, middle) else (low, middle)
            hints["allowed_now"] = text(low)
        if worst(found) != "ALLOW":
            passing = next((m for m in moments_of(ledger, self.policy, self.now, [self.wait_end()]) if passes(m)), None)
            hints |= {} if passing is None else {"retry_after_ms": passing - self.now}
        return hints

    def run_finalize(self, result: Json) -> Json:
        if self.finalize == "refuse":
            return {**result, "final": False}
        if self.finalize != "throw":
            return result
        kept = {key: value for key, value in result.items() if key in ("decided_at_ms", "txid", "freeze", "breaches")}
        codes = [c for c in result["reason_codes"] if c != "within_limits"] + ["finalize_failed"]
        return {"decision": "REJECT", "reason_codes": codes, "final": False, **kept}

    def valid_for(self, result: Json) -> Json:
        """Adds to a final ALLOW how long it is still valid."""
        return {**result, "valid_for_ms": result["valid_until_ms"] - self.clock_ms} if result["final"] else result

    def store(self, result: Json, verdict: str) -> None:
        """Only a final ALLOW takes room; a delayed one is remembered as requested."""
        ledger, policy, payment = self.ledger, self.policy, self.payment()
        payment |= {"answer": None, "lapse": self.waits}
        remember_places(ledger, policy, self.guardian.scripts, self.ask, self.now, result["final"])
        if result["final"]:
            return self.allow(payment, result)
        if payment["status"] == "reserved":
            self.guardian.end_reservation(payment)
        if verdict == "DELAY":
            for row in ledger.rows_of(payment):
                row |= {"counts": "requested", "at": self.now}
        return None

    def allow(self, payment: Json, result: Json) -> None:
        implicit, until = self.policy["claim"] == "implicit", result["valid_until_ms"]
        at = until + (self.policy["max_clock_jump_ms"] if implicit else 0)
        count, lapsed_at, is_open = self.waits
        answer = {
            "result": {k: v for k, v in result.items() if k != "valid_for_ms"},
            "risk": self.risk,
            "version": self.guardian.version,
        }
        payment |= {
            "answer": answer,
            "allowed_at": self.now,
            "status": "claimed" if implicit else "reserved",
            "claims": [{"signer": None, "inputs": None, "until": until}] if implicit else [],
            "lapse": (count + 1 if is_open else count, lapsed_at, False),
            "at": at,
        }
        for row in self.ledger.rows_of(payment):
            row |= {"counts": "allowed" if implicit else "reserved", "at": at}
        self.ledger.allows += [(self.ask["id"], s, self.now) for s in self.scopes]

    def payment(self) -> Json:
        """The payment as remembered; its payouts move over from where they were."""
        ledger, id = self.ledger, self.ask["id"]
        for payout in self.ask["payouts"]:
            row = ledger.row(payout["id"])
            if row is None:
                ledger.rows.append(
                    {"payout": payout, "wallet": self.ask["wallet"], "payment": id, "counts": "nothing", "at": None}
                )
            elif row["payment"] != id:
                ledger.forget(row["payment"])
                row |= {"payment": id, "counts": "nothing" if row["counts"] == "reserved" else row["counts"]}
        known = ledger.payment(id)
        if known is not None:
            return known
        empty: Json = {"answer": None, "allowed_at": None, "at": None, "claims": [], "lapse": (0, None, False)}
        ledger.payments.append({"ask": self.ask, "status": "open", **empty, "txid": None, "commits": []})
        return ledger.payments[-1]

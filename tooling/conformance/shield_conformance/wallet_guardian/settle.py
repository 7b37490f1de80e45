"""What a signer may do, and what becomes of a payment."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from shield_conformance.suite import Json
from shield_conformance.wallet_guardian.basics import RISKS, risk_of, scopes_of, units
from shield_conformance.wallet_guardian.decide import is_lapsed, moments_of
from shield_conformance.wallet_guardian.limits import over_windows, shortest_window

if TYPE_CHECKING:
    from shield_conformance.wallet_guardian.ledger import Ledger
    from shield_conformance.wallet_guardian.reference_model import Guardian

MOST_CLAIMS = 20


def claim(guardian: Guardian, step: Json) -> Json:
    """Permits a signer to sign: once for each payment, and again only for what replaces it."""
    ledger, id = guardian.ledger, step["claim"]
    payment, row = ledger.payment(id), ledger.row(id)
    if payment is None:
        return reject("unknown_withdrawal" if row is None else "part_of_payment")
    scopes = scopes_of(payment["ask"]["wallet"], payment["ask"]["payouts"])
    now, clock_ms, trusted = guardian.moment(scopes)
    if guardian.is_outdated() or not guardian.is_current():
        return reject("policy_outdated")
    if not trusted:
        return reject("clock_untrusted", retry_after_ms=5_000)
    guardian.remember(scopes, now)
    request = {
        "signer": step["signer_id"],
        "inputs": step.get("transaction", {}).get("inputs"),
        "risk": risk_of(step["risk"])[0],
        "finalize": step.get("finalize"),
    }
    if payment["status"] in ("open", "released"):
        return reject("not_reserved")
    if payment["status"] == "committed":
        return reject("already_committed", txid=payment["txid"])
    if payment["status"] == "reserved":
        if is_lapsed(payment, now):
            return reject("reservation_lapsed")
        return recheck(guardian, payment, request, now, clock_ms, full_now) or permit(
            guardian, payment, request, clock_ms
        )
    return claim_again(guardian, payment, request, now, clock_ms)


def claim_again(guardian: Guardian, payment: Json, request: Json, now: int, clock_ms: int) -> Json:
    last, inputs = payment["claims"][-1], request["inputs"]
    running = clock_ms < last["until"]
    if running and last["signer"] != request["signer"]:
        return {"decision": "DELAY", "reason_codes": ["claimed"], "retry_after_ms": last["until"] - clock_ms}
    if running and set(last["inputs"] or []) == set(inputs or []):
        if (
            last["until"] - clock_ms
            > guardian.policy["allow_valid_seconds"] * 1_000 + guardian.policy["max_clock_jump_ms"]
        ):
            payment["answer"] = None
        return recheck(guardian, payment, request, now, clock_ms) or {
            **permitted(last["until"], clock_ms),
            "repeated": True,
        }
    if inputs is None or not all(c["inputs"] is not None and set(c["inputs"]) & set(inputs) for c in payment["claims"]):
        return reject("not_a_replacement")
    if len(payment["claims"]) >= MOST_CLAIMS:
        return reject("claims_exhausted")
    return recheck(guardian, payment, request, now, clock_ms, out_of_room) or permit(
        guardian, payment, request, clock_ms
    )


def recheck(
    guardian: Guardian,
    payment: Json,
    request: Json,
    now: int,
    clock_ms: int,
    more: Callable[..., Any] = lambda *_: None,
) -> Json | None:
    """Checks freezes, risk, policy and the finalize hook once more; None: no check refuses."""
    ledger, policy, ask, risk = guardian.ledger, guardian.policy, payment["ask"], request["risk"]
    scopes, scope = scopes_of(ask["wallet"], ask["payouts"]), "wallet:" + ask["wallet"]
    if guardian.are_frozen(scopes, now):
        return reject("high_risk_lockdown" if risk == "HIGH" else "wallet_frozen")
    if risk == "HIGH" and policy["high_risk_freeze"]:
        guardian.lift(scopes, risk, None, now)
        ledger.begin_series(scope)
        ledger.attempts.append((scope, now))
        ledger.freeze(scope, "risk", "risk_high", now)
        return reject("high_risk_freeze")
    answer = payment["answer"]
    if payment["status"] == "reserved":
        holds = guardian.stands(payment, risk, now, clock_ms) and len(ledger.rows_of(payment)) == len(ask["payouts"])
    else:
        holds = (
            answer is not None
            and answer["version"] == guardian.version
            and RISKS.index(risk) <= RISKS.index(answer["risk"])
        )
    if not holds:
        return reject("allow_not_in_force")
    full = more(guardian, payment, now)
    if full is None and request["finalize"] in ("throw", "refuse"):
        return reject("finalize_failed" if request["finalize"] == "throw" else "finalize_refused")
    return full


def out_of_room(guardian: Guardian, payment: Json, now: int) -> Json | None:
    """Where the entry has left a window, it has to fit once more."""
    return None if now - payment["at"] < shortest_window(guardian.policy) else full_now(guardian, payment, now)


def full_now(guardian: Guardian, payment: Json, now: int) -> Json | None:
    """The first window without room beside all others."""
    ledger, policy = guardian.ledger, guardian.policy
    codes = over_windows(ledger, policy, payment["ask"], now)
    if not codes:
        return None
    free = next(
        (m for m in moments_of(ledger, policy, now) if not over_windows(ledger, policy, payment["ask"], m)), None
    )
    return {"decision": "DELAY", "reason_codes": codes[:1]} | ({} if free is None else {"retry_after_ms": free - now})


def permitted(until: int, clock_ms: int) -> Json:
    return {
        "decision": "ALLOW",
        "reason_codes": ["claimed_now"],
        "claimed_until_ms": until,
        "valid_for_ms": until - clock_ms,
    }


def permit(guardian: Guardian, payment: Json, request: Json, clock_ms: int) -> Json:
    until = clock_ms + guardian.policy["allow_valid_seconds"] * 1_000
    at = until + guardian.policy["max_clock_jump_ms"]
    payment["at"] = at if payment["status"] == "reserved" else max(payment["at"], at)
    payment["status"] = "claimed"
    payment["claims"].append({"signer": request["signer"], "inputs": request["inputs"], "until": until})
    for row in guardian.ledger.rows_of(payment):
        row |= {"counts": "allowed", "at": payment["at"]}
    return permitted(until, clock_ms)


def reject(code: str, **more: Any) -> Json:
    return {"decision": "REJECT", "reason_codes": [code], **more}


def refused(code: str, **more: Any) -> Json:
    return {"accepted": False, "reason_codes": [code], **more}


def accepted(payment: Json, codes: Any = (), **more: Any) -> Json:
    state = {"status": payment["status"]} | ({"txid": payment["txid"]} if payment["txid"] else {})
    return {"accepted": True, "reason_codes": list(codes), **state, **more}


def settling(guardian: Guardian, id: str) -> tuple[Json | None, int, Any]:
    """The payment of an id, the time to record, and how what changed is remembered; no payment: why."""
    payment = guardian.ledger.payment(id)
    if payment is None:
        return None, 0, refused("unknown_withdrawal" if guardian.ledger.row(id) is None else "part_of_payment")
    scopes = scopes_of(payment["ask"]["wallet"], payment["ask"]["payouts"])
    now, _, trusted = guardian.moment(scopes)
    return payment, now, lambda: guardian.remember(scopes, now) if trusted else None


def commit(guardian: Guardian, step: Json) -> Json:
    """Records that money has moved, however late the call comes."""
    row = guardian.ledger.row(step["commit"])
    is_known = guardian.ledger.payment(step["commit"]) is not None
    payment, now, changed = settling(guardian, step["commit"] if is_known or row is None else row["payment"])
    if payment is None:
        return changed
    paid = {"txid": step["txid"], "fee": step.get("fee"), "inputs": step.get("inputs"), "double": False}
    caps = [p["max_fee"] for p in payment["ask"]["payouts"] if p["max_fee"] is not None]
    fees = ["fee_exceeded"] if paid["fee"] is not None and caps and units(paid["fee"]) > sum(caps) else []
    known = next((c for c in payment["commits"] if c["txid"] == paid["txid"]), None)
    if known is not None:
        news = [key for key in ("fee", "inputs") if known[key] is None and paid[key] is not None]
        known |= {key: paid[key] for key in news}
        if news:
            changed()
        return accepted(payment, fees if news else [], repeated=True)
    changed()
    code = (
        first_commit(guardian.ledger, payment, paid, now)
        if payment["status"] != "committed"
        else next_commit(guardian.ledger, payment, paid, now)
    )
    payment["commits"].append(paid)
    return accepted(payment, code + fees)


def first_commit(ledger: Ledger, payment: Json, paid: Json, now: int) -> list[str]:
    late = payment["status"] != "claimed"
    if late:
        count_late(ledger, payment, now)
    payment |= {"status": "committed", "answer": None, "txid": paid["txid"]}
    return ["late_commit"] if late else []


def next_commit(ledger: Ledger, payment: Json, paid: Json, now: int) -> list[str]:
    """It replaces every transaction before, or, where those are not known, every one that was claimed; or it is paid twice."""
    earlier = [c for c in payment["commits"] if not c["double"]]
    named = earlier if all(c["inputs"] for c in earlier) else payment["claims"]
    if paid["inputs"] and named and all(c["inputs"] and set(c["inputs"]) & set(paid["inputs"]) for c in named):
        payment["txid"] = paid["txid"]
        return ["replaced"]
    paid["double"] = True
    count_twice(ledger, payment["ask"], payment["ask"]["payouts"], max(now, payment["at"]))
    return ["double_payment"]


def count_late(ledger: Ledger, payment: Json, now: int) -> None:
    """What is still its own counts from now; what has moved to another payment counts there, and here once more."""
    own = ledger.rows_of(payment)
    for row in own:
        row |= {"counts": "allowed", "at": now}
    payment["at"] = now
    held = [r["payout"]["id"] for r in own]
    count_twice(ledger, payment["ask"], [p for p in payment["ask"]["payouts"] if p["id"] not in held], now)


def count_twice(ledger: Ledger, ask: Json, payouts: list[Json], at: int) -> None:
    for payout in payouts:
        ledger.doubles.append(
            {"payout": payout, "wallet": ask["wallet"], "payment": ask["id"], "counts": "allowed", "at": at}
        )


def release(guardian: Guardian, step: Json) -> Json:
    """Gives room back: at once where nothing could be signed, else only where nothing was."""
    payment, now, changed = settling(guardian, step["release"])
    if payment is None:
        return changed
    status, signer = payment["status"], step.get("signer_id")
    if status == "released":
        return accepted(payment, repeated=True)
    if status == "committed":
        return accepted(payment, ["already_committed"]) | {"accepted": False}
    if status == "open":
        return refused("not_reserved")
    if status == "claimed":
        own = signer is not None and all(c["signer"] == signer for c in payment["claims"])
        if not step.get("not_executed") or not (own or step.get("operator")):
            return refused("claimed", status=status)
        if not own and now < payment["at"]:
            return refused("claim_running", status=status, retry_after_ms=payment["at"] - now)
    payment |= {"status": "released", "answer": None, "claims": []}
    for row in guardian.ledger.rows_of(payment):
        row |= {"counts": "nothing"}
    changed()
    return accepted(payment)

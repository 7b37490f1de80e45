import { describe, expect, it } from "vitest";
import type { Decision } from "../../src/model.js";
import { printable, timeText } from "../../src/text/format.js";
import { heldText } from "../../src/text/held.js";

const NOW = Date.UTC(2026, 5, 28, 14, 0);
const decision = (more: Partial<Decision>): Decision => ({
  ...{ seq: 1, payment_id: "w-17", wallet_id: "hot", account_id: "ada", amount: "4000" },
  ...{ max_fee: "1", payouts: 1, destinations: [], destinations_count: 0, enforced: true },
  ...{ final: "REFUSED", next: "retry", standing: "held", veto: null, breaches: [] },
  reasons: [{ layer: "guardian", code: "window_limit", text: null }],
  would_pass: { amount: null, at_ms: null, calmer: false, approvals: null },
  ...{ decided_at_ms: NOW, first_at_ms: NOW, attempts: 1 },
  ...more,
});

describe("heldText", () => {
  it("says which amount would pass, and when this one would", () => {
    const would_pass = { amount: "1200", at_ms: NOW + 300_000, calmer: false, approvals: null };
    expect(heldText(decision({ would_pass }), "DGB", NOW).ways).toEqual([
      "1,200 DGB or less would pass now",
      "the same amount would pass after 14:05:00 UTC",
    ]);
  });

  it("promises nothing of a wait that is over", () => {
    const would_pass = { amount: null, at_ms: NOW - 300_000, calmer: false, approvals: null };
    expect(heldText(decision({ would_pass }), "DGB", NOW).ways).toEqual([
      "its wait ended at 13:55:00 UTC: ask again",
    ]);
  });

  it("counts the approvals that are missing", () => {
    const approvals = { missing: 2, given: 0, methods: ["operator"], binds: null };
    const would_pass = { amount: null, at_ms: null, calmer: false, approvals };
    expect(heldText(decision({ next: "approve", would_pass }), "DGB", NOW).ways).toEqual([
      "the same amount would pass with 2 more approvals",
    ]);
  });

  it("names calm evidence as the way where the risk forbids it", () => {
    const would_pass = { amount: null, at_ms: null, calmer: true, approvals: null };
    expect(heldText(decision({ would_pass }), "DGB", NOW).ways).toEqual([
      "it would pass once the evidence is calm",
    ]);
  });

  it("names what is open against calm evidence, and what ends it", () => {
    const would_pass = { amount: null, at_ms: null, calmer: true, approvals: null };
    const open = [
      { cause: "retired_algorithm", latched: true },
      { cause: "block_stall", latched: false },
    ];
    expect(heldText(decision({ would_pass }), "DGB", NOW, open).ways).toEqual([
      "it would pass once the evidence is calm; open now: retired algorithm (until an operator releases it) and block stall (until its cause is gone)",
    ]);
  });

  it("says in words why a destination is refused", () => {
    const reasons = [{ layer: "guardian", code: "destination_unreadable", text: null } as const];
    expect(heldText(decision({ next: "stop", reasons }), "DGB", NOW).why).toBe(
      "the destination is no address of this chain",
    );
  });

  it("has no way for what will not pass as it is", () => {
    expect(heldText(decision({ next: "stop" }), "DGB", NOW).ways).toEqual([]);
  });
});

describe("texts", () => {
  it("show another day as such, and no control characters", () => {
    expect(timeText(NOW - 86_400_000, NOW)).toBe("27 Jun 14:00:00");
    expect(timeText(NaN, NOW)).toBe("—");
    expect(printable("a\u202eb\u0000c")).toBe("a\uFFFDb\uFFFDc");
  });
});

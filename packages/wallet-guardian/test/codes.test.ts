/** Every code is given by something that can happen: no code without a cause, and none unknown (Wallet Guardian v2, section 4.2). */
import { describe, expect, it } from "vitest";
import {
  CLAIM_CODES,
  type ClaimCode,
  createGuardian,
  createMemoryLedger,
  GUARDIAN_CODES,
  type GuardianCode,
  type GuardianPolicyInput,
  type Ledger,
  LedgerError,
  type LedgerErrorCode,
  OPERATION_CODES,
  type OperationCode,
} from "../src/index.js";
import { EXPLICIT, input, type Life, life, txid } from "./support/life.js";
import { HOUR, MINUTE, ORDER, START_MS, VALID_MS } from "./support/guardian.js";

type Coded = Readonly<{ reason_codes: readonly string[] }>;
type Play = (with_: Life) => Promise<Coded>;

/** A ledger that fails with one code. */
const failing = (code: LedgerErrorCode): Ledger => ({
  ...createMemoryLedger(),
  transact: () => Promise.reject(new LedgerError(code, "down")),
  withdrawal: () => Promise.reject(new LedgerError(code, "down")),
});

type Cause = Readonly<{ policy?: GuardianPolicyInput; ledger?: () => Ledger; play: Play }>;

const to = (address: string, amount = "1") => ({ destinations: [{ address, amount }] });
const later = (time: Life["time"], ms: number) => void (time.now += ms);
const throwing = () => {
  throw new Error("down");
};
const scope = { wallet_id: "hot-1" } as const;

const LOOKALIKES: GuardianPolicyInput = { max_24h: "100", destination_lookalikes: true };
const ACCOUNTS: GuardianPolicyInput = {
  max_24h: "100",
  freeze_scope: "account",
  accounts_frozen: { count: 1 },
  limits: { account: { max_24h: "1" } },
};

const EVALUATED: Readonly<Record<GuardianCode, Cause>> = {
  invalid_withdrawal: { play: ({ ask }) => ask("w", "0") },
  invalid_risk: { play: ({ ask }) => ask("w", "1", { risk: "low" }) },
  clock_untrusted: {
    play: async ({ ask, time }) => {
      await ask("w", "1");
      later(time, -HOUR);
      return ask("w", "1");
    },
  },
  policy_outdated: {
    play: async ({ ask, ledger }) => {
      await ask("w", "1");
      await life({ max_24h: "5" }, ledger).ask("v", "1");
      return ask("w", "1");
    },
  },
  content_changed: {
    play: async ({ ask }) => {
      await ask("w", "1");
      return ask("w", "2");
    },
  },
  already_committed: {
    play: async ({ ask, commit }) => {
      await ask("w", "1");
      await commit("w");
      return ask("w", "1");
    },
  },
  in_other_payment: {
    play: async ({ ask, pay }) => {
      await ask("w", "1");
      return pay("p", [{ withdrawal_id: "w", amount: "1" }]);
    },
  },
  claim_unsettled: {
    play: async ({ ask, claim, time }) => {
      await ask("w", "1");
      await claim("w");
      later(time, VALID_MS);
      return ask("w", "1");
    },
  },
  destination_unreadable: {
    play: ({ ledger }) => life(EXPLICIT, ledger, { scriptOf: () => null }).ask("w", "1", to("x")),
  },
  destination_denied: {
    policy: { max_24h: "10", deny_destinations: ["bad"] },
    play: ({ ask }) => ask("w", "1", to("bad")),
  },
  fee_limit: {
    policy: { max_24h: "10", max_fee: "0" },
    play: ({ ask }) => ask("w", "2", { max_fee: "1", ...to("x") }),
  },
  new_destination: {
    policy: { max_24h: "10", new_destination_seconds: 1 },
    play: ({ ask }) => ask("w", "1", to("x")),
  },
  destination_lookalike: {
    policy: LOOKALIKES,
    play: async ({ ask }) => {
      await ask("w", "1", to("D1234567890123"));
      return ask("v", "1", to("D1234aaaaa0123"));
    },
  },
  wallet_frozen: {
    play: async ({ ask, freeze }) => {
      await freeze();
      return ask("w", "1");
    },
  },
  high_risk_lockdown: {
    play: async ({ ask, freeze }) => {
      await freeze();
      return ask("w", "1", { risk: "HIGH" });
    },
  },
  high_risk_freeze: { play: ({ ask }) => ask("w", "1", { risk: "HIGH" }) },
  elevated_risk: {
    policy: {
      max_24h: "10",
      table: { within_limits: { LOW: "ALLOW", MEDIUM: "DELAY", HIGH: "REJECT" } },
    },
    play: ({ ask }) => ask("w", "1", { risk: "MEDIUM" }),
  },
  per_tx_limit: { policy: { max_per_tx: "1" }, play: ({ ask }) => ask("w", "2") },
  daily_limit: { play: ({ ask }) => ask("w", "11") },
  window_limit: {
    policy: { windows: [{ seconds: 60, max_amount: "1" }] },
    play: ({ ask }) => ask("w", "2"),
  },
  accounts_frozen: {
    policy: ACCOUNTS,
    play: ({ ask }) => ask("w", "2", { account_id: "ann", risk: "MEDIUM" }),
  },
  cooldown_breach: {
    policy: { max_24h: "10", cooldown_seconds: 1 },
    play: async ({ ask }) => {
      await ask("w", "1");
      return ask("v", "1");
    },
  },
  reservation_lapsed: {
    play: async ({ ask, time }) => {
      for (let n = 0; n < 2; n++) {
        await ask("w", "1");
        later(time, VALID_MS);
      }
      return ask("w", "1");
    },
  },
  frozen_persistent_attempts: {
    play: async ({ ask, freeze }) => {
      await freeze();
      for (const id of ["1", "2"]) await ask(id, "1");
      return ask("w", "1");
    },
  },
  within_limits: { play: ({ ask }) => ask("w", "1") },
  finalize_failed: {
    play: ({ guardian }) =>
      guardian.evaluate({ withdrawal_id: "w", ...scope, amount: "1" }, "LOW", {
        finalize: throwing,
      }),
  },
  ledger_busy: { ledger: () => failing("ledger_busy"), play: ({ ask }) => ask("w", "1") },
  ledger_unavailable: {
    ledger: () => failing("ledger_unavailable"),
    play: ({ ask }) => ask("w", "1"),
  },
};

/** A claim of a reservation of one coin, after what happens. */
const claimAfter =
  (happens: Play | ((with_: Life) => unknown), how: Parameters<Life["claim"]>[1] = {}): Play =>
  async (with_) => {
    await with_.ask("w", "1");
    await happens(with_);
    return with_.claim("w", how);
  };
const [a, b] = [input(1), input(2)] as const;

const CLAIMED: Readonly<Record<ClaimCode, Cause>> = {
  claimed_now: { play: claimAfter(() => undefined) },
  invalid_claim: { play: claimAfter(() => undefined, { signer_id: "" }) },
  clock_untrusted: { play: claimAfter(({ time }) => later(time, -HOUR)) },
  policy_outdated: {
    play: claimAfter(({ ledger }) => life({ max_24h: "5" }, ledger).ask("v", "1")),
  },
  unknown_withdrawal: { play: ({ claim }) => claim("?") },
  part_of_payment: {
    play: async ({ claim, pay }) => {
      await pay("p", [{ withdrawal_id: "w", amount: "1" }]);
      return claim("w");
    },
  },
  not_reserved: { play: claimAfter(({ release }) => release("w")) },
  already_committed: { play: claimAfter(({ commit }) => commit("w")) },
  reservation_lapsed: { play: claimAfter(({ time }) => later(time, VALID_MS)) },
  claimed: { play: claimAfter(({ claim }) => claim("w", { signer_id: "s2" })) },
  not_a_replacement: {
    play: claimAfter(({ claim }) => claim("w", { inputs: [a] }), { inputs: [b] }),
  },
  claims_exhausted: {
    play: claimAfter(
      async ({ claim }) => {
        for (let n = 0; n < 20; n++) await claim("w", { inputs: [a, input(10 + n)] });
      },
      { inputs: [a] },
    ),
  },
  wallet_frozen: { play: claimAfter(({ freeze }) => freeze()) },
  high_risk_lockdown: { play: claimAfter(({ freeze }) => freeze(), { risk: "HIGH" }) },
  high_risk_freeze: { play: claimAfter(() => undefined, { risk: "HIGH" }) },
  allow_not_in_force: { play: claimAfter(() => undefined, { risk: "MEDIUM" }) },
  daily_limit: {
    play: claimAfter(
      async ({ ask, claim, time }) => {
        await claim("w", { inputs: [a] });
        later(time, 25 * HOUR);
        await ask("v", "10");
      },
      { inputs: [a, b] },
    ),
  },
  window_limit: {
    policy: { claim: "explicit", windows: [{ seconds: 60, max_count: 1 }] },
    play: claimAfter(
      async ({ ask, claim, time }) => {
        await claim("w", { inputs: [a] });
        later(time, 3 * MINUTE);
        await ask("v", "1");
      },
      { inputs: [a, b] },
    ),
  },
  finalize_refused: {
    play: claimAfter(() => undefined, { finalize: () => ({ allow: false, record: {} }) }),
  },
  finalize_failed: { play: claimAfter(() => undefined, { finalize: throwing }) },
  ledger_busy: { ledger: () => failing("ledger_busy"), play: ({ claim }) => claim("w") },
  ledger_unavailable: {
    ledger: () => failing("ledger_unavailable"),
    play: ({ claim }) => claim("w"),
  },
};

/** A call after a claim of one coin. */
const afterClaim =
  (call: Play): Play =>
  async (with_) => {
    await with_.ask("w", "1", { max_fee: "0" });
    await with_.claim("w", { inputs: [a] });
    return call(with_);
  };
const NOT_EXECUTED = { ...ORDER, not_executed: true } as const;

const OPERATED: Readonly<Record<OperationCode, Cause>> = {
  invalid_operation: { play: ({ commit }) => commit("w", { txid: "" }) },
  unknown_withdrawal: { play: ({ commit }) => commit("w") },
  part_of_payment: {
    play: async ({ pay, release }) => {
      await pay("p", [{ withdrawal_id: "w", amount: "1" }]);
      return release("w");
    },
  },
  not_reserved: {
    play: async ({ ask, release }) => {
      await ask("w", "11");
      return release("w");
    },
  },
  already_committed: {
    play: afterClaim(async ({ commit, release }) => {
      await commit("w");
      return release("w");
    }),
  },
  claimed: { play: afterClaim(({ release }) => release("w")) },
  claim_running: { play: afterClaim(({ release }) => release("w", NOT_EXECUTED)) },
  late_commit: {
    play: async ({ ask, commit }) => {
      await ask("w", "1");
      return commit("w");
    },
  },
  replaced: {
    play: afterClaim(async ({ commit }) => {
      await commit("w", { txid: txid(1) });
      return commit("w", { txid: txid(2), inputs: [a] });
    }),
  },
  double_payment: {
    play: afterClaim(async ({ commit }) => {
      await commit("w", { txid: txid(1) });
      return commit("w", { txid: txid(2) });
    }),
  },
  fee_exceeded: { play: afterClaim(({ commit }) => commit("w", { fee: "0.1" })) },
  not_frozen: { play: ({ guardian }) => guardian.unfreeze("wallet", "hot-1", ORDER) },
  operator_freeze: {
    play: async ({ freeze, guardian }) => {
      await freeze();
      return guardian.unfreeze("wallet", "hot-1", ORDER);
    },
  },
  destination_unreadable: {
    play: ({ ledger }) =>
      life(EXPLICIT, ledger, { scriptOf: () => null }).guardian.registerDestination({
        ...scope,
        address: "x",
      }),
  },
  clock_untrusted: {
    play: ({ ledger }) =>
      createGuardian({ policy: EXPLICIT, ledger, clock: () => NaN }).acceptClock(ORDER),
  },
  ledger_busy: { ledger: () => failing("ledger_busy"), play: ({ commit }) => commit("w") },
  ledger_unavailable: {
    ledger: () => failing("ledger_unavailable"),
    play: ({ freeze }) => freeze(),
  },
};

describe.each([
  ["evaluate", GUARDIAN_CODES, EVALUATED],
  ["claim", CLAIM_CODES, CLAIMED],
  ["the other calls", OPERATION_CODES, OPERATED],
] as const)("the codes of %s", (_what, codes, causes) => {
  it("are frozen, and each once", () => {
    expect([Object.isFrozen(codes), new Set<string>(codes).size]).toEqual([true, codes.length]);
    expect(Object.keys(causes).sort()).toEqual([...codes].sort());
  });

  it.each(Object.entries(causes as Readonly<Record<string, Cause>>))(
    "have %s",
    async (code, { policy = EXPLICIT, ledger, play }) => {
      const with_ = life(policy, ledger?.());
      const { reason_codes } = await play(with_);
      expect(reason_codes).toContain(code);
      for (const one of reason_codes) expect(codes as readonly string[]).toContain(one);
      expect(with_.time.now).toBeGreaterThanOrEqual(START_MS - HOUR);
    },
  );
});

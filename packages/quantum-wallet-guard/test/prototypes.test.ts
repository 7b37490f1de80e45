/** Members of Object.prototype are no evidence, no approval, no policy and no option. */
import { afterEach, describe, expect, it } from "vitest";
import {
  approvalBinding,
  checkPolicy,
  counterfactual,
  createDecisionEngine,
  createPolicySimulation,
  decide,
  evaluateTransaction,
  eventOf,
  explain,
  parseContext,
  parsePolicy,
  parsePolicyJson,
  policyVersion,
  riskContextSchema,
  simulatePolicy,
  toEnvelope,
  walletPolicySchema,
  withHash,
  withSeedDefaults,
} from "../src/index.js";
import { readContextFields } from "../src/evaluate/context-fields.js";
import { readContext } from "../src/evaluate/parsed-context.js";
import { BINDS, HEALTHY, without } from "./support/contexts.js";
import { FULL } from "./support/wrong-values.js";

const APPROVALS = ["ann", "bob"].map((approver) => ({
  approver,
  method: "operator",
  approved_at_ms: 0,
  binds: BINDS,
}));
const WEAK_POLICY = {
  block_full_balance_tx: false,
  max_tx_ratio_normal: 1,
  max_tx_ratio_high: 1,
  max_allowed_risk: "critical",
  cooldown_seconds_warn: 0,
  cooldown_seconds_delay: 0,
  threshold_extra_auth: "92233720368.54775807",
  max_behaviour_score: 9007199254740991,
  require_trusted_device: false,
  min_address_age_days: 0,
  network_score_elevated: 1,
  network_score_high: 1,
  network_score_critical: 1,
  required_approvals: 1,
  approval_valid_seconds: 0,
};
/** What a hostile or careless program may leave on Object.prototype; the most favourable value of each name. */
const POLLUTIONS: Record<string, unknown> = {
  ...FULL,
  ...WEAK_POLICY,
  approvals: APPROVALS,
  x: 1,
  toJSON: () => ({ decision: "allow", may_broadcast: true }),
  then: (resolve: (value: unknown) => void) => resolve(1),
  length: 1,
  0: "x",
  decision: "ALLOW",
  may_broadcast: true,
  reason: "fine",
  reason_id: "QWG_ALLOW",
  require_confirmation: false,
  require_second_factor: false,
  cooldown_seconds: 0,
  suggested_limit: "1",
  path: "/x",
  context_hash: "0".repeat(64),
  policy_version: "0".repeat(64),
  context: FULL,
  result: { decision: "allow" },
  policy: WEAK_POLICY,
  events: { emit: () => undefined },
  examples: 3,
  personal_data: "clear",
  attempt: 7,
  destinations: [{ address: "dgb1evil", amount: "1" }],
  withdrawal_id: "w-evil",
  amount: "1",
  address: "dgb1evil",
  ok: true,
  approver: "ann",
  method: "operator",
  approved_at_ms: 0,
  value: true,
  get: undefined,
  set: undefined,
  enumerable: true,
};
const NAMES = Object.keys(POLLUTIONS);
/** Names that zod and descriptors themselves are read by: the answer may be a refusal then, but never milder. */
const STRICTER = ["path", "value", "get", "set"];

const CONTEXTS: readonly unknown[] = [
  HEALTHY,
  FULL,
  { ...HEALTHY, trusted_device: false },
  { ...HEALTHY, tx_amount: "600" },
  { ...HEALTHY, wallet_balance: "100000", tx_amount: "20000", binds: BINDS },
  { ...HEALTHY, sentinel_level: "high", tx_amount: "200" },
  { ...HEALTHY, dqs_network_score: 0.95 },
  { ...HEALTHY, wallet_balance: "90071992547.5", tx_amount: "20000", device_id: "é" },
  Object.defineProperty({ ...HEALTHY }, "trusted_device", { get: () => true, enumerable: true }),
  { ...HEALTHY, approvals: [without(APPROVALS[0]!, "method")], binds: BINDS },
  {},
  null,
  ...Object.keys(HEALTHY).map((field) => without(HEALTHY, field)),
];
const POLICIES: readonly unknown[] = [undefined, {}, { min_address_age_days: 3 }, { nope: 1 }];

afterEach(() => {
  for (const name of NAMES) Reflect.deleteProperty(Object.prototype, name);
});

/** The answer of a call while Object.prototype has one member more. */
function polluted<T>(name: string, call: () => T): T {
  const descriptor = Object.assign(Object.create(null), {
    value: POLLUTIONS[name],
    writable: true,
    enumerable: true,
    configurable: true,
  });
  Object.defineProperty(Object.prototype, name, descriptor);
  try {
    return call();
  } finally {
    Reflect.deleteProperty(Object.prototype, name);
  }
}

const text = (value: unknown): string =>
  JSON.stringify(value, (_key, member: unknown) => member ?? null);
/** What a call answers or throws; it is written down by `text` after the attack. */
const outcome = (call: () => unknown): unknown => {
  try {
    return call();
  } catch (error) {
    const { code, path } = Object.assign(Object.create(null), error) as Record<string, unknown>;
    return { thrown: { code, path } };
  }
};

const record = (change: object) => {
  const context = { ...HEALTHY, ...change };
  return createDecisionEngine().decide(context);
};
const RECORDS = [record({}), record({ tx_amount: "600" }), record({ trusted_device: false })];

const LINES = RECORDS.map((one) => JSON.stringify(one));

/** Every public function, on contexts and policies that lack something. */
const CALLS: Record<string, () => unknown> = {
  evaluateTransaction: () =>
    CONTEXTS.flatMap((context) => POLICIES.map((policy) => evaluateTransaction(context, policy))),
  "decide of parseContext": () =>
    CONTEXTS.map((context) => {
      const read = parseContext(context);
      return read.ok ? [read.context, decide(read.context)] : read.result;
    }),
  engine: () => {
    const seen: unknown[] = [];
    const engine = createDecisionEngine({ events: { emit: (event) => void seen.push(event) } });
    return [CONTEXTS.map((context) => engine.evaluate(context)), engine.policy_version, seen];
  },
  "engine without options": () =>
    CONTEXTS.map((context) => createDecisionEngine({}).evaluate(context)),
  "engine.decide": () => CONTEXTS.map((context) => createDecisionEngine().decide(context)),
  explain: () => CONTEXTS.map((context) => explain(context)),
  counterfactual: () => CONTEXTS.map((context) => counterfactual(context, {})),
  parsePolicy: () => [parsePolicy(), parsePolicy({}), parsePolicy({ required_approvals: 2 })],
  policyVersion: () => [policyVersion({}), policyVersion({ required_approvals: 2 })],
  checkPolicy: () => POLICIES.slice(1).map((policy) => checkPolicy(policy)),
  parsePolicyJson: () => ["{}", '{"nope":1}', '{"required_approvals":2}'].map(parsePolicyJson),
  simulatePolicy: () => [
    simulatePolicy(RECORDS, {}),
    simulatePolicy(LINES, {}, {}),
    createPolicySimulation({}, {}).add(without(RECORDS[0]!, "result")),
    createPolicySimulation({}, {}).add({
      ...RECORDS[0],
      result: without(RECORDS[0]!.result, "context_hash"),
    }),
  ],
  eventOf: () => RECORDS.map((one) => eventOf(one)),
  toEnvelope: () => RECORDS.map((one) => toEnvelope(one.result, "r-1")),
  withHash: () => CONTEXTS.map((context) => withHash(evaluateTransaction(context), context)),
  approvalBinding: () => approvalBinding({ withdrawal_id: "w-1", amount: "5" }),
  "approvalBinding without an id": () => approvalBinding({ amount: "5" } as never),
  "approvalBinding without an address": () =>
    approvalBinding({
      withdrawal_id: "w-1",
      amount: "5",
      destinations: [{ amount: "5" } as never],
    }),
  withSeedDefaults: () => withSeedDefaults({ tx_amount: "1" }),
};

describe.each(Object.keys(CALLS))("%s", (name) => {
  it.each(NAMES)("answers the same when Object.prototype has %s", (member) => {
    const call = CALLS[name]!;
    const clean = text(outcome(call));
    const dirty = text(polluted(member, () => outcome(call)));
    if (STRICTER.includes(member)) expect(allowsIn(dirty)).toBeLessThanOrEqual(allowsIn(clean));
    else expect(dirty).toBe(clean);
  });
});

const allowsIn = (written: string): number =>
  written.split('"to":{"decision":"allow"').length + written.split('"may_broadcast":true').length;

describe("readContext", () => {
  it.each(NAMES)("accepts the same when Object.prototype has %s", (member) => {
    for (const context of CONTEXTS) {
      const clean = readContext(context).ok;
      const [direct, whole] = polluted(member, () => [
        readContextFields(context) !== undefined,
        readContext(context).ok,
      ]);
      expect(whole).toBe(clean);
      if (direct) expect(clean).toBe(true);
    }
  });
});

describe("the exported schemas", () => {
  it.each(["trusted_device", "approvals", "max_allowed_risk", "require_trusted_device"])(
    "are not those that decide, whose %s comes from the value alone",
    (member) => {
      const missing = without(FULL, "trusted_device");
      expect(polluted(member, () => evaluateTransaction(missing).path)).toBe("/trusted_device");
      expect(riskContextSchema.safeParse(missing).success).toBe(false);
      expect(walletPolicySchema.safeParse({}).success).toBe(true);
    },
  );
});

describe("options", () => {
  it("come from the object itself: one that inherits them is refused", () => {
    const inherited = Object.create({ policy: { max_allowed_risk: "normal" } });
    expect(() => createDecisionEngine(inherited)).toThrow(
      expect.objectContaining({ code: "invalid_options", path: "" }),
    );
  });

  it.each<[string, unknown, string]>([
    ["an unknown one", { polcy: {} }, "/polcy"],
    ["null", null, ""],
    ["a list", [], ""],
    [
      "an accessor",
      {
        get policy() {
          return {};
        },
      },
      "/policy",
    ],
    ["a sink that cannot emit", { events: {} }, "/events"],
    ["an unknown word", { personal_data: "all" }, "/personal_data"],
  ])("are refused: %s", (_what, options, path) => {
    expect(() => createDecisionEngine(options as object)).toThrow(
      expect.objectContaining({ name: "QwgError", code: "invalid_options", path }),
    );
  });
});

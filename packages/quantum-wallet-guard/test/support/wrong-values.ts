/** Wrong values: what no field takes, and what each field does not take. */
import { BINDS, HEALTHY } from "./contexts.js";

/** A context with every field, which is allowed. */
export const FULL = {
  ...HEALTHY,
  address_age_days: 10,
  device_id: "phone",
  tx_id: "tx-1",
  wallet_fingerprint: "w",
  user_id: "u",
  created_at: 0,
  dqs_advisory: "NORMAL",
  guardian_decision: "ALLOW",
  guardian_reason_codes: ["within_limits"],
  approvals: [{ approver: "ann", method: "operator", approved_at_ms: 0, binds: BINDS }],
  binds: BINDS,
};

const CYCLE: unknown[] = [];
CYCLE.push(CYCLE);

/** What no field of a context or a policy takes. */
export const STRANGE_VALUES: readonly unknown[] = [
  undefined,
  Symbol("x"),
  () => 1,
  5n,
  new Date(0),
  {},
  [[]],
  "\ud800",
  " x ",
  NaN,
  -Infinity,
  new Map(),
  new Set([1]),
  new (class Context {
    tx_amount = "1";
  })(),
  Object.create(null),
  Object.assign(Object.create(null), { a: 1 }),
  new String("normal"),
  new Number(0.5),
  new Boolean(true),
  new Uint8Array(2),
  /x/,
  new Error("x"),
  Promise.resolve(1),
  new Proxy({}, {}),
  CYCLE,
  [CYCLE],
  [, 1],
  Object.assign([], { length: 2 }),
  JSON.parse('{"__proto__":1}'),
  JSON.parse('[{"__proto__":[]}]'),
  { toString: () => "normal", valueOf: () => 1 },
  {
    get normal() {
      return "normal";
    },
  },
  "\u0000",
  "x".repeat(100_000),
];
/** What a field does not take, beside those. */
export const WRONG: Record<keyof typeof FULL, readonly unknown[]> = {
  sentinel_level: ["NORMAL", "", 0, null, true],
  dqs_network_score: [-0.1, 1.0000001, Infinity, "0.5", null, true],
  adn_level: ["bad", 1, null],
  wallet_balance: [
    -1,
    "-1",
    "1e3",
    "1.000000001",
    "01",
    Infinity,
    "92233720368.54775808",
    90071992.54740993,
    null,
  ],
  tx_amount: [0, -0, "0", "0.0", "0.000000001", -5, "5 ", "92233720368.54775808", null, true],
  behaviour_score: [-1, Infinity, 2 ** 53, "1", null],
  trusted_device: ["true", 1, 0, null],
  address_age_days: [-1, 1.5, "3", true],
  device_id: ["", 1, "x".repeat(129), "a\nb"],
  tx_id: ["", 1, true],
  wallet_fingerprint: ["", 1],
  user_id: ["", 1],
  created_at: [-1, 0.5, "2026-06-28", null],
  dqs_advisory: ["normal", null, 3],
  guardian_decision: ["allow", null, 0],
  guardian_reason_codes: ["x", ["X"], [1], null],
  approvals: ["x", null, [null], [{}], [{ ...FULL.approvals[0], extra: 1 }]],
  binds: ["AB".repeat(32), "ab", null],
};

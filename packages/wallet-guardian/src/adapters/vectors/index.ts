/** Conformance vectors of this layer, in the form of the contract's, and this package's own answers (design, section 7). */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { parseStrictJson } from "@dgb-shield/contract";
import { loadVectorFile, type VectorFile } from "@dgb-shield/contract/vectors";
import { z } from "zod";
import {
  createGuardian,
  type DestinationTarget,
  type Finalize,
  type FreezeTarget,
  type Guardian,
  type GuardianPolicyInput,
  type Ledger,
  type OperationResult,
  type PaymentRequest,
  type RiskInput,
  type UnfreezeTarget,
  type WithdrawalRequest,
} from "../../index.js";
import { has } from "../../internal/own.js";

/** Suites of this layer; a file `vectors/<suite>.json` each. */
export const GUARDIAN_SUITES = Object.freeze([
  "guardian-scenarios",
  "guardian-rules",
  "guardian-claims",
  "guardian-destinations",
  "guardian-freezes",
] as const);
/** The name of a suite of vectors. */
export type GuardianSuite = (typeof GUARDIAN_SUITES)[number];

/** What an implementation answers to a history: one answer a step. */
export type HistoryAnswer = Readonly<{ policy_version: string; answers: readonly object[] }>;

const { resolve } = createRequire(import.meta.url);

/** Where the vector files are, for tools that read them themselves. */
export const vectorsFolder = (): string =>
  join(dirname(resolve("@dgb-shield/wallet-guardian/package.json")), "vectors");

/**
 * The vectors of a suite.
 *
 * @throws when the installed file cannot be read or does not have the form of vectors
 * @example loadVectors("guardian-scenarios").cases[0]?.id // "GW-SIM-001"
 */
export const loadVectors = (suite: GuardianSuite): VectorFile =>
  loadVectorFile(join(vectorsFolder(), `${suite}.json`));

const named = z.strictObject({ scope: z.string(), id: z.string() });
const place = z.strictObject({
  account_id: z.string().optional(),
  wallet_id: z.string().optional(),
  address: z.string(),
});
const at = {
  at_ms: z.int(),
  steady_ms: z.int().optional(),
  /** The guardian with the history's other policy. */
  by: z.literal("other").optional(),
};
const hookName = z.enum(["allow", "refuse", "throw"]).optional();
const inputs = z.array(z.string());
const stepSchema = z.union([
  z.strictObject({ ...at, evaluate: z.unknown(), risk: z.unknown(), finalize: hookName }),
  z.strictObject({
    ...at,
    claim: z.string(),
    signer_id: z.string(),
    transaction: z.strictObject({ inputs }).optional(),
    risk: z.unknown(),
    finalize: hookName,
  }),
  z.strictObject({
    ...at,
    commit: z.string(),
    txid: z.string(),
    fee: z.string().optional(),
    inputs: inputs.optional(),
  }),
  z.strictObject({
    ...at,
    release: z.string(),
    operator: z.literal(true).optional(),
    signer_id: z.string().optional(),
    not_executed: z.literal(true).optional(),
  }),
  z.strictObject({ ...at, freeze: named }),
  z.strictObject({ ...at, unfreeze: named }),
  z.strictObject({ ...at, register_destination: place }),
  z.strictObject({ ...at, approve_destination: place }),
  z.strictObject({ ...at, accept_clock: z.literal(true) }),
]);
const historySchema = z.strictObject({
  policy: z.unknown(),
  /** Policy of a second guardian on the same ledger. */
  other_policy: z.unknown().optional(),
  /** Scripts of addresses; an address that is not there cannot be read. Absent: addresses are texts. */
  scripts: z.record(z.string(), z.string()).optional(),
  /** Whether there is a monotonic clock; a step without `steady_ms` has the same on both. */
  monotonic: z.literal(true).optional(),
  steps: z.array(stepSchema).min(1),
});
type Step = z.infer<typeof stepSchema>;

/**
 * Plays the history of one case with this package's own implementation.
 *
 * @param input the case's bytes
 * @param ledger an empty one
 * @throws when the input is no history
 */
export async function playHistory(input: Uint8Array, ledger: Ledger): Promise<HistoryAnswer> {
  const history = historySchema.parse(parseStrictJson(input));
  const { policy, other_policy = policy, steps } = history;
  const time = { step: steps[0] };
  const guardian = guardianOf(history, { policy, ledger, time });
  const other = guardianOf(history, { policy: other_policy, ledger, time });
  const answers: object[] = [];
  for (const step of steps) {
    time.step = step;
    answers.push(await take(step.by === "other" ? other : guardian, step));
  }
  return { policy_version: guardian.policy_version, answers };
}

type History = z.infer<typeof historySchema>;
type Made = Readonly<{ policy: unknown; ledger: Ledger; time: { step: Step | undefined } }>;

function guardianOf({ monotonic, scripts }: History, { policy, ledger, time }: Made): Guardian {
  const wall = () => time.step?.at_ms ?? 0;
  return createGuardian({
    policy: policy as GuardianPolicyInput,
    ledger,
    clock: wall,
    ...(monotonic ? { monotonic: () => time.step?.steady_ms ?? wall() } : {}),
    ...(scripts === undefined
      ? {}
      : { scriptOf: (address) => (has(scripts, address) ? (scripts[address] ?? null) : null) }),
  });
}

const ORDER = { operator: "operator", reason: "as the history says" };

function take(guardian: Guardian, step: Step): Promise<object> {
  if (has(step, "evaluate")) return evaluate(guardian, step);
  if (has(step, "claim")) return claim(guardian, step);
  if (has(step, "commit")) return answerOf(guardian.commit(step.commit, paidBy(step)));
  if (has(step, "release")) return answerOf(guardian.release(step.release, givenUp(step)));
  if (has(step, "freeze")) {
    const { scope, id } = step.freeze;
    return answerOf(guardian.freeze(scope as FreezeTarget, id, ORDER));
  }
  if (has(step, "unfreeze")) {
    const { scope, id } = step.unfreeze;
    return answerOf(guardian.unfreeze(scope as UnfreezeTarget, id, ORDER));
  }
  if (has(step, "register_destination")) {
    return answerOf(guardian.registerDestination(step.register_destination as DestinationTarget));
  }
  if (has(step, "approve_destination")) {
    const target = step.approve_destination as DestinationTarget;
    return answerOf(guardian.approveDestination(target, ORDER));
  }
  return answerOf(guardian.acceptClock(ORDER));
}

type StepOf<K extends string> = Extract<Step, Readonly<Record<K, unknown>>>;

const paidBy = ({ txid, fee, inputs }: StepOf<"commit">) => ({
  txid,
  ...(fee === undefined ? {} : { fee }),
  ...(inputs === undefined ? {} : { inputs }),
});

const givenUp = ({ operator, signer_id, not_executed }: StepOf<"release">) => ({
  reason: ORDER.reason,
  ...(operator === undefined ? {} : { operator: ORDER.operator }),
  ...(signer_id === undefined ? {} : { signer_id }),
  ...(not_executed === undefined ? {} : { not_executed }),
});

async function claim(guardian: Guardian, step: StepOf<"claim">): Promise<object> {
  const { signer_id, transaction, finalize } = step;
  const answer = await guardian.claim(step.claim, {
    signer_id,
    ...(transaction === undefined ? {} : { transaction }),
    risk: step.risk as RiskInput,
    ...(finalize === undefined ? {} : { finalize: HOOKS[finalize] }),
  });
  return withoutImplied(answer);
}

const withoutImplied = (answer: object): object =>
  Object.fromEntries(Object.entries(answer).filter(([key]) => !IMPLIED.has(key)));

async function evaluate(guardian: Guardian, step: StepOf<"evaluate">): Promise<object> {
  const { finalize } = step;
  const options = finalize === undefined ? undefined : { finalize: HOOKS[finalize] };
  const answer = await guardian.evaluate(
    step.evaluate as WithdrawalRequest | PaymentRequest,
    step.risk as RiskInput,
    options,
  );
  return withoutImplied(answer);
}

/** Members that follow from the question, texts of this implementation, and versions, of which the policy's is given once. */
const IMPLIED: ReadonlySet<string> = new Set([
  "withdrawal_id",
  "wallet_id",
  "signer_id",
  "risk",
  "record",
  "detail",
  "policy_version",
  "rules_version",
]);

const HOOKS: Readonly<Record<"allow" | "refuse" | "throw", Finalize>> = {
  allow: () => ({ allow: true, record: {} }),
  refuse: () => ({ allow: false, record: {} }),
  throw: () => {
    throw new Error("the hook throws");
  },
};

/** Leaves out texts of this implementation: the cause id of an operator's freeze, the detail of a rejection. */
async function answerOf(operation: Promise<OperationResult>): Promise<object> {
  const result = Object.entries(await operation);
  return Object.fromEntries(result.filter(([key]) => key !== "cause_id" && key !== "detail"));
}

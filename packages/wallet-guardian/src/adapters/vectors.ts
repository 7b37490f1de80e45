/** Conformance vectors of this layer, in the form of the contract's, and this package's own answers (design, section 7). */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type GuardianRisk, parseStrictJson } from "@dgb-shield/contract";
import { loadVectorFile, type VectorFile } from "@dgb-shield/contract/vectors";
import { z } from "zod";
import {
  createGuardian,
  type Finalize,
  type FreezeTarget,
  type Guardian,
  type GuardianAnswer,
  type GuardianPolicyInput,
  type Ledger,
  type OperationResult,
  type UnfreezeTarget,
  type WithdrawalRequest,
} from "../index.js";
import { has } from "../internal/own.js";

/** Suites of this layer; a file `vectors/<suite>.json` each. */
export const GUARDIAN_SUITES = Object.freeze(["guardian-scenarios", "guardian-rules"] as const);
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
const at = { at_ms: z.int(), steady_ms: z.int().optional() };
const stepSchema = z.union([
  z.strictObject({
    ...at,
    evaluate: z.unknown(),
    risk: z.unknown(),
    finalize: z.enum(["allow", "refuse", "throw"]).optional(),
  }),
  z.strictObject({ ...at, commit: z.string(), txid: z.string() }),
  z.strictObject({ ...at, replace: z.string(), txid: z.string() }),
  z.strictObject({ ...at, release: z.string() }),
  z.strictObject({ ...at, freeze: named }),
  z.strictObject({ ...at, unfreeze: named }),
  z.strictObject({ ...at, accept_clock: z.literal(true) }),
]);
const historySchema = z.strictObject({
  policy: z.unknown(),
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
  const { policy, monotonic, steps } = historySchema.parse(parseStrictJson(input));
  let now: Step | undefined = steps[0];
  const wall = () => now?.at_ms ?? 0;
  const guardian = createGuardian({
    policy: policy as GuardianPolicyInput,
    ledger,
    clock: wall,
    ...(monotonic ? { monotonic: () => now?.steady_ms ?? wall() } : {}),
  });
  const answers: object[] = [];
  for (const step of steps) {
    now = step;
    answers.push(await take(guardian, step));
  }
  return { policy_version: guardian.policy_version, answers };
}

const ORDER = { operator: "operator", reason: "as the history says" };

function take(guardian: Guardian, step: Step): Promise<object> {
  if (has(step, "evaluate")) return evaluate(guardian, step);
  if (has(step, "commit")) return told(guardian.commit(step.commit, { txid: step.txid }));
  if (has(step, "replace")) return told(guardian.replace(step.replace, { txid: step.txid }));
  if (has(step, "release")) return told(guardian.release(step.release, { reason: ORDER.reason }));
  if (has(step, "freeze")) {
    const { scope, id } = step.freeze;
    return told(guardian.freeze(scope as FreezeTarget, id, ORDER));
  }
  if (has(step, "unfreeze")) {
    const { scope, id } = step.unfreeze;
    return told(guardian.unfreeze(scope as UnfreezeTarget, id, ORDER));
  }
  return told(guardian.acceptClock(ORDER));
}

type Question = Extract<Step, { evaluate: unknown }>;

async function evaluate(guardian: Guardian, step: Question): Promise<object> {
  const { finalize } = step;
  const options = finalize === undefined ? undefined : { finalize: LAST_WORDS[finalize] };
  const answer: Partial<GuardianAnswer> = await guardian.evaluate(
    step.evaluate as WithdrawalRequest,
    step.risk as GuardianRisk,
    options,
  );
  return Object.fromEntries(Object.entries(answer).filter(([key]) => !IMPLIED.has(key)));
}

/** Members that follow from the question, words of this implementation, and versions, of which the policy's is given once. */
const IMPLIED: ReadonlySet<string> = new Set([
  "withdrawal_id",
  "wallet_id",
  "risk",
  "record",
  "detail",
  "policy_version",
  "rules_version",
]);

const LAST_WORDS: Readonly<Record<"allow" | "refuse" | "throw", Finalize>> = {
  allow: () => ({ allow: true, record: {} }),
  refuse: () => ({ allow: false, record: {} }),
  throw: () => {
    throw new Error("no last word");
  },
};

/** The cause of an operator's freeze and the words of a refusal are this implementation's own. */
async function told(operation: Promise<OperationResult>): Promise<object> {
  const result = Object.entries(await operation);
  return Object.fromEntries(result.filter(([key]) => key !== "cause_id" && key !== "detail"));
}

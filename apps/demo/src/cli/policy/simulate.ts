/** `shield policy simulate`: decides the payments of a ledger again under another policy of the Guardian. */
import {
  type JsonObject,
  type StoredWithdrawalRecord,
  storedWithdrawalRecordSchema,
} from "@dgb-shield/contract";
import {
  createMemoryLedger,
  type GuardianPolicyInput,
  type Ledger,
  type OutsidePayment,
  type RiskInput,
  type ScriptOf,
  type WithdrawalRequest,
} from "@dgb-shield/wallet-guardian";
import { CommandError, EXIT } from "../../errors.js";
import { createGuardians } from "../../pipeline/index.js";
import { readConfigText } from "../../service/config/config-text.js";
import { scriptOfDestinations } from "../../service/config/destinations.js";
import { guardianFaults, guardianPolicyOf } from "../../service/config/policies.js";
import type { CommandIo } from "../command-io.js";
import { configOf, type ConfigOptions } from "../config/config-options.js";
import { contentOf } from "../content-of.js";
import { openLedger } from "../ledger/open-ledger.js";

/** Options of `shield policy simulate`. */
export type SimulateOptions = ConfigOptions & Readonly<{ json: boolean; limit: number }>;

/** A payment that would be decided differently. */
export type Difference = Readonly<{
  withdrawal_id: string;
  decided_at_ms: number;
  before: string;
  after: string;
  before_codes: readonly string[];
  after_codes: readonly string[];
}>;

/** What another policy would have decided. */
export type Simulated = Readonly<{
  decisions: number;
  /** Records that hold no decision of this form, and were left out. */
  left_out: number;
  before: Readonly<Record<string, number>>;
  after: Readonly<Record<string, number>>;
  differences: readonly Difference[];
  differences_count: number;
}>;

/** Records that one call of the ledger reads. */
const PAGE = 1_000;

/**
 * Simulates the policy in a file on the decisions of the configured ledger, which is only read. Decisions come in their
 * order, at their recorded times and risk; an ALLOW counts from then on, as if it was signed at once. What the simulated policy refuses
 * no longer counts, so that later decisions may differ in both directions. Wallets with a policy of their own keep it.
 *
 * @returns the exit code
 * @throws CommandError `usage` for a policy that cannot be used; `bad_config`, `bad_data_folder`
 */
export async function simulatePolicyFile(
  file: string,
  options: SimulateOptions,
  { stdout, env }: Pick<CommandIo, "stdout" | "env">,
): Promise<number> {
  const policy = policyIn(file);
  const config = configOf(options, env);
  const { ledger, close } = await openLedger(config);
  try {
    const simulated = await simulate(ledger, policy, {
      limit: options.limit,
      wallet_policies: Object.fromEntries(config.wallet_policies),
      scriptOf: scriptOfDestinations(config),
    });
    stdout.write(options.json ? `${JSON.stringify(simulated)}\n` : textOf(simulated));
    return EXIT.done;
  } finally {
    await close();
  }
}

/**
 * Decides the recorded payments of a ledger again.
 *
 * @param limit differences that are listed at most
 * @param wallet_policies of wallets with a policy of their own, which they keep
 * @param scriptOf how destinations are compared; undefined: as texts
 */
export async function simulate(
  ledger: Pick<Ledger, "records">,
  policy: GuardianPolicyInput,
  {
    limit,
    wallet_policies = {},
    scriptOf,
  }: Readonly<{
    limit: number;
    wallet_policies?: Readonly<Record<string, GuardianPolicyInput>>;
    scriptOf?: ScriptOf | undefined;
  }>,
): Promise<Simulated> {
  let nowMs = 0;
  const implicit = (one: GuardianPolicyInput): GuardianPolicyInput => ({
    ...one,
    claim: "implicit",
  });
  const guardians = createGuardians(
    {
      ...{ policy: implicit(policy), ledger: createMemoryLedger(), clock: () => nowMs },
      ...(scriptOf === undefined ? {} : { scriptOf }),
    },
    Object.fromEntries(Object.entries(wallet_policies).map(([id, own]) => [id, implicit(own)])),
  );
  const [before, after] = [new Map<string, number>(), new Map<string, number>()];
  const differences: Difference[] = [];
  let [decisions, leftOut, count] = [0, 0, 0];
  for await (const record of decisionsOf(ledger)) {
    if (record === null) {
      leftOut++;
      continue;
    }
    if ("imported" in record) {
      nowMs = Math.max(nowMs, record.at_ms);
      const { imported } = record;
      const { accepted } = await guardians
        .of(imported.wallet_id)
        .importPayments([imported], SIMULATED);
      if (!accepted) leftOut++;
      continue;
    }
    decisions++;
    nowMs = Math.max(nowMs, record.decided_at_ms);
    const answer = await guardians
      .of(record.withdrawal["wallet_id"])
      .evaluate(
        record.withdrawal as unknown as WithdrawalRequest,
        record.inputs.guardian_risk satisfies RiskInput,
      );
    const was = record.guardian;
    add(before, was.decision);
    add(after, answer.decision);
    if (was.decision === answer.decision) continue;
    count++;
    if (differences.length >= limit) continue;
    differences.push({
      withdrawal_id: was.withdrawal_id,
      decided_at_ms: record.decided_at_ms,
      before: was.decision,
      after: answer.decision,
      before_codes: was.reason_codes,
      after_codes: answer.reason_codes,
    });
  }
  return {
    decisions,
    left_out: leftOut,
    before: Object.fromEntries(before),
    after: Object.fromEntries(after),
    differences,
    differences_count: count,
  };
}

const SIMULATED = Object.freeze({ operator: "simulate", reason: "recorded as imported" });

const add = (counts: Map<string, number>, decision: string): void =>
  void counts.set(decision, (counts.get(decision) ?? 0) + 1);

/** A payment that was paid without the service, as it was imported. */
type Imported = Readonly<{ imported: OutsidePayment; at_ms: number }>;

/** The decisions and imported payments of a ledger in order; null for a decision that this version cannot read. */
async function* decisionsOf(
  ledger: Pick<Ledger, "records">,
): AsyncGenerator<StoredWithdrawalRecord | Imported | null> {
  for (let after = 0; ;) {
    const page = await ledger.records(after, PAGE);
    for (const { kind, record, at_ms } of page) {
      if (kind === "import") yield { imported: importedIn(record), at_ms };
      if (kind !== "decision") continue;
      const read = storedWithdrawalRecordSchema.safeParse(record);
      yield read.success ? read.data : null;
    }
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.seq;
  }
}

/** The payment of a record; the guardian checks it again. */
function importedIn(record: JsonObject): OutsidePayment {
  const { withdrawal_id, wallet_id, amount, paid_at_ms, txid } = record;
  const optional = Object.entries({
    account_id: record["account_id"],
    max_fee: record["max_fee"],
  }).filter(([, value]) => value !== null);
  const { destinations } = record;
  const known = { withdrawal_id, wallet_id, amount, paid_at_ms, txid, destinations };
  return { ...known, ...Object.fromEntries(optional) } as unknown as OutsidePayment;
}

function policyIn(file: string): GuardianPolicyInput {
  const text = readConfigText(contentOf(file));
  const faults = text.ok ? guardianFaults(text.value) : text.faults;
  if (!text.ok || faults.length > 0) {
    throw new CommandError("usage", `${file} is no policy: shield policy check ${file} shows why`);
  }
  return guardianPolicyOf(text.value as Parameters<typeof guardianPolicyOf>[0]);
}

function textOf({ decisions, left_out, before, after, ...rest }: Simulated): string {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const counts = names.map(
    (name) =>
      `${name.padEnd(8)} ${String(before[name] ?? 0).padStart(9)} ${String(after[name] ?? 0).padStart(9)}`,
  );
  const changes = rest.differences.map(
    (one) =>
      `${new Date(one.decided_at_ms).toISOString()} ${JSON.stringify(one.withdrawal_id)}: ${one.before} (${one.before_codes.join(", ")}) would be ${one.after} (${one.after_codes.join(", ")})`,
  );
  const more = rest.differences_count - changes.length;
  return [
    `${decisions} recorded decisions${left_out === 0 ? "" : `, ${left_out} that cannot be read left out`}`,
    `${"".padEnd(8)} ${"recorded".padStart(9)} ${"simulated".padStart(9)}`,
    ...counts,
    `${rest.differences_count} would be decided differently`,
    ...changes,
    ...(more > 0 ? [`and ${more} more: --limit`] : []),
    "",
  ].join("\n");
}

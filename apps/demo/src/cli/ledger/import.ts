/** `shield ledger import`: counts payments of before in the limits of the ledger. */
import { readFileSync } from "node:fs";
import {
  createGuardian,
  type Guardian,
  type GuardianPolicy,
  type GuardianPolicyInput,
  type ImportResult,
  type OutsidePayment,
} from "@dgb-shield/wallet-guardian";
import { CommandError, EXIT } from "../../errors.js";
import { scriptOption } from "../../service/config/destinations.js";
import type { ServiceConfig } from "../../service/config/service-config.js";
import { createProgress } from "../../timeline/progress.js";
import type { CommandIo } from "../command-io.js";
import { configOf, type ConfigOptions } from "../config/config-options.js";
import { openLedger } from "./open-ledger.js";
import { type FileIssue, type ImportFormat, readPayments } from "./payments-file.js";

/** Options of `shield ledger import`. */
export type ImportLedgerOptions = ConfigOptions &
  Readonly<{
    operator: string;
    reason: string;
    format?: ImportFormat;
    check: boolean;
    json: boolean;
  }>;

type Io = Pick<CommandIo, "stdout" | "stderr" | "env">;

/** Issues that are listed at most. */
const MAX_LISTED = 100;

/**
 * Imports the payments of a file, all or none.
 *
 * @param file `-` is standard input
 * @returns the exit code: `refused` where anything in the file is wrong
 * @throws CommandError `usage` for a file that cannot be read; `bad_config`, `bad_data_folder`
 */
export async function importIntoLedger(
  file: string,
  options: ImportLedgerOptions,
  io: Io,
): Promise<number> {
  const config = configOf(options, io.env);
  const format = options.format ?? (/\.csv$/i.test(file) ? "csv" : "jsonl");
  const { payments, lines, issues } = readPayments(contentOf(file), format);
  if (issues.length > 0) return refuse(file, { issues, count: issues.length }, options, io);
  const result = await imported(config, payments, options, io);
  const [code] = result.reason_codes;
  if (code !== undefined) throw failure(code, result);
  if (!result.accepted) {
    const placed = result.issues.map(({ index, detail }) => ({
      line: lines[index] ?? 0,
      problem: detail.replace(/^\//, ""),
    }));
    return refuse(file, { issues: placed, count: result.issues_count }, options, io);
  }
  const { import_id, imported: count, repeated } = result;
  const facts = { ok: true, checked_only: options.check, import_id, imported: count, repeated };
  io.stdout.write(options.json ? `${JSON.stringify(facts)}\n` : textOf(facts));
  return EXIT.done;
}

async function imported(
  config: ServiceConfig,
  payments: readonly OutsidePayment[],
  { operator, reason, check }: ImportLedgerOptions,
  { stderr }: Io,
): Promise<ImportResult> {
  const order = { operator, reason };
  const { ledger, close } = await openLedger(config);
  const progress = createProgress(stderr, () => performance.now());
  const destinations = scriptOption(config);
  const guardianOf = (policy: GuardianPolicyInput): Guardian =>
    createGuardian({
      ...destinations,
      ...{ policy, ledger, clock: Date.now, monotonic: () => performance.now() },
      log: ({ detail }) => void stderr.write(`ledger: ${detail}\n`),
    });
  try {
    for (const [policy, own] of byPolicy(config, payments)) {
      const list = own.map(({ payment }) => payment);
      const checked = await guardianOf(policy).importPayments(list, order, { check: true });
      const issues = checked.issues.map((issue) => ({
        ...issue,
        index: own[issue.index]?.index ?? 0,
      }));
      if (!checked.accepted) return { ...checked, issues };
    }
    return await guardianOf(ANY_POLICY).importPayments(payments, order, {
      check,
      progress: (done, total) => {
        progress.move(done, total, done * 2 <= total ? "compared with the ledger" : "counted");
      },
    });
  } finally {
    progress.clear();
    await close();
  }
}

/** Requires nothing of a payment: what the policy of its wallet requires is checked before, and the counts are every policy's. */
const ANY_POLICY: GuardianPolicyInput = { name: "import", max_24h: "1" };

type Placed = Readonly<{ payment: OutsidePayment; index: number }>;

/** Divides payments by the policy that decides on their wallet. */
function byPolicy(
  { guardian, wallet_policies }: ServiceConfig,
  payments: readonly OutsidePayment[],
): ReadonlyMap<GuardianPolicy, readonly Placed[]> {
  const found = new Map<GuardianPolicy, Placed[]>();
  for (const [index, payment] of payments.entries()) {
    const policy = wallet_policies.get(payment.wallet_id) ?? guardian;
    const own = found.get(policy) ?? [];
    found.set(policy, own);
    own.push({ payment, index });
  }
  return found;
}

function failure(code: string, { detail, incomplete, import_id }: ImportResult): CommandError {
  const what = detail === undefined ? code : `${code}: ${detail}`;
  if (code === "invalid_operation") return new CommandError("usage", what);
  return new CommandError(
    "bad_data_folder",
    incomplete === true
      ? `the import is not complete (${what}): nothing is paid until the same file is imported again (freeze ${import_id ?? ""})`
      : `nothing was imported (${what}): correct that and import again`,
  );
}

/** Reports everything that is wrong with a file. Nothing was imported. */
function refuse(
  file: string,
  { issues, count }: Readonly<{ issues: readonly FileIssue[]; count: number }>,
  { json }: ImportLedgerOptions,
  { stdout, stderr }: Io,
): number {
  const listed = issues.slice(0, MAX_LISTED);
  if (json) stdout.write(`${JSON.stringify({ ok: false, issues: listed, issues_count: count })}\n`);
  else {
    stderr.write(listed.map(({ line, problem }) => `${file}:${line}: ${problem}\n`).join(""));
    if (count > listed.length) stderr.write(`and ${count - listed.length} more\n`);
    stderr.write("nothing was imported: correct the file, and import all of it\n");
  }
  return EXIT.refused;
}

type Facts = Readonly<{
  checked_only: boolean;
  import_id: string | null;
  imported: number;
  repeated: number;
}>;

const textOf = ({ checked_only, import_id, imported: count, repeated }: Facts): string =>
  checked_only
    ? `${count} payments would be imported, ${repeated} are in the ledger already; nothing was changed\n`
    : `${count} payments imported, ${repeated} were in the ledger already (${import_id ?? ""})\n`;

function contentOf(file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file === "-" ? 0 : file));
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new CommandError("usage", `cannot read ${file}: ${detail}`, error);
  }
}

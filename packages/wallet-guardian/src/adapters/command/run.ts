/** Runs the commands of `guardian-ledger`: status, export, prune, adopt (design, section 7: retention). */
import { readFileSync } from "node:fs";
import { GuardianPolicyError, LedgerError } from "../../errors.js";
import { policyFromJson } from "../../policy/from-env.js";
import type { Ledger } from "../../ports.js";
import { pruneLedger } from "../../retention.js";
import { ExportFileError, exportToFile, type FileExport } from "../export-file/index.js";
import { adoptLedger, openLedger } from "./ledgers.js";
import { type Options, readOptions, required, USAGE, UsageError } from "./options.js";
import { statusOf, type Status } from "./status.js";

/** Output and clock of a run. */
export type CommandIo = Readonly<{
  stdout: (text: string) => void;
  stderr: (text: string) => void;
  now: () => number;
}>;

/**
 * Runs a command line.
 *
 * @returns the exit code: 0 done, 2 wrong usage, 3 the ledger or a file cannot be used
 */
export async function run(args: readonly string[], io: CommandIo): Promise<number> {
  try {
    const options = readOptions(args);
    if (options === null) io.stdout(USAGE);
    else await take(options, io);
    return 0;
  } catch (error) {
    io.stderr(`guardian-ledger: ${messageOf(error)}\n`);
    return isUsage(error) || error instanceof RangeError ? 2 : 3;
  }
}

const isUsage = (error: unknown): error is Error =>
  error instanceof UsageError || error instanceof ExportFileError;

const exportOf = (ledger: Ledger, { out, after, through }: Options): Promise<FileExport> =>
  exportToFile(ledger, {
    path: required(out, "out"),
    after_seq: after,
    through_seq: through,
  });

function messageOf(error: unknown): string {
  if (isUsage(error)) return `${error.message} (see --help)`;
  if (error instanceof LedgerError) {
    const { path, errno, sqlstate } = error.facts;
    const facts = [path, errno, sqlstate].filter((fact) => fact !== undefined);
    return facts.length === 0 ? error.message : `${error.message} (${facts.join(", ")})`;
  }
  return error instanceof Error ? error.message : String(error);
}

async function take(options: Options, io: CommandIo): Promise<void> {
  const print = (value: object, text: string) => {
    io.stdout(options.json ? `${JSON.stringify(value)}\n` : text);
  };
  if (options.command === "adopt") {
    const adopted = await adoptLedger(options, io.now);
    print(adopted, `adopted: ledger ${adopted.ledger_id}, epoch ${adopted.epoch}\n`);
    warnOfMissing(adopted.missing_records ?? 0, io);
    return;
  }
  const { ledger, end } = await openLedger(options);
  try {
    if (options.command === "status") {
      const status = await statusOf(ledger, io.now());
      print(status, statusText(status));
    } else if (options.command === "export") {
      const { exported } = await exportOf(ledger, options);
      print(exported, `${exported.records} records through ${exported.through_seq}\n`);
    } else {
      const pruned = await prune(ledger, options, io);
      print(pruned, `${pruned.records} records exported, ${pruned.rows} rows pruned\n`);
    }
  } finally {
    await end();
  }
}

function warnOfMissing(missing: number, { stderr }: CommandIo): void {
  if (missing === 0) return;
  stderr(
    `warning: at least ${counted(missing, "record")} that were written are missing: look for payments that the ledger does not know before anything is paid\n`,
  );
}

const counted = (count: number, what: string): string =>
  `${count} ${what}${count === 1 ? "" : "s"}`;

const statusText = (status: Status): string =>
  [
    `ledger ${status.ledger_id}, epoch ${status.epoch}`,
    counted(status.frozen.length, "freeze"),
    ...status.frozen.map(
      ({ scope, id, kind, cause_id, reason }) =>
        `  ${scope} ${id}: ${kind}, cause ${cause_id}, ${reason}`,
    ),
    ...Object.entries(status.payments).map(
      ([name, count]) => `${counted(count, "payment")} ${name}`,
    ),
    "",
  ].join("\n");

async function prune(ledger: Ledger, options: Options, { now, stderr }: CommandIo) {
  const policies = options.policies.map(readPolicy);
  const { exported, segments } = await exportOf(ledger, options);
  const rows = await pruneLedger(ledger, {
    policies,
    now_ms: now(),
    exported: { ...exported, segments },
    operator: required(options.operator, "operator"),
    reason: required(options.reason, "reason"),
    progress: (some) => {
      if (!options.json) stderr(`\r${some} rows`);
    },
  });
  if (!options.json) stderr("\n");
  return { records: exported.records, through_seq: exported.through_seq, rows };
}

function readPolicy(path: string) {
  try {
    return policyFromJson(readFileSync(path));
  } catch (error) {
    if (!(error instanceof GuardianPolicyError)) throw error;
    throw new UsageError(`${path}: ${error.message}`);
  }
}

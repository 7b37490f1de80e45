/** Looks after a ledger from the command line: status, export, prune, adopt (design, section 7: retention). */
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from "node:fs";
import { GuardianPolicyError, LedgerError } from "../../errors.js";
import { policyFromJson } from "../../config.js";
import type { Ledger } from "../../ports.js";
import { type Exported, exportRecords, pruneLedger } from "../../retention.js";
import { adoptLedger, openLedger } from "./ledgers.js";
import { type Options, readOptions, required, USAGE, UsageError } from "./options.js";
import { statusOf, type Status } from "./status.js";

/** Where a run writes, and its clock. */
export type Surroundings = Readonly<{
  stdout: (text: string) => void;
  stderr: (text: string) => void;
  now: () => number;
}>;

/**
 * Runs a command line.
 *
 * @returns the exit code: 0 done, 2 wrong usage, 3 the ledger or a file cannot be used
 */
export async function run(args: readonly string[], around: Surroundings): Promise<number> {
  try {
    const options = readOptions(args);
    if (options === null) around.stdout(USAGE);
    else await take(options, around);
    return 0;
  } catch (error) {
    around.stderr(`guardian-ledger: ${messageOf(error)}\n`);
    return error instanceof UsageError || error instanceof RangeError ? 2 : 3;
  }
}

function messageOf(error: unknown): string {
  if (error instanceof UsageError) return `${error.message} (see --help)`;
  if (error instanceof LedgerError) {
    const { path, errno, sqlstate } = error.facts;
    const facts = [path, errno, sqlstate].filter((fact) => fact !== undefined);
    return facts.length === 0 ? error.message : `${error.message} (${facts.join(", ")})`;
  }
  return error instanceof Error ? error.message : String(error);
}

async function take(options: Options, around: Surroundings): Promise<void> {
  const tell = (value: object, text: string) => {
    around.stdout(options.json ? `${JSON.stringify(value)}\n` : text);
  };
  if (options.command === "adopt") {
    const identity = await adoptLedger(options, around.now);
    tell(identity, `adopted: ledger ${identity.ledger_id}, epoch ${identity.epoch}\n`);
    return;
  }
  const { ledger, end } = await openLedger(options);
  try {
    if (options.command === "status") {
      const status = await statusOf(ledger, around.now());
      tell(status, statusText(status));
    } else if (options.command === "export") {
      const exported = await exportTo(ledger, options);
      tell(exported, `${exported.records} records through ${exported.through_seq}\n`);
    } else {
      const pruned = await prune(ledger, options, around);
      tell(pruned, `${pruned.records} records exported, ${pruned.rows} rows pruned\n`);
    }
  } finally {
    await end();
  }
}

const statusText = (status: Status): string =>
  [
    `ledger ${status.ledger_id}, epoch ${status.epoch}`,
    `${status.frozen.length} freezes`,
    ...status.frozen.map(
      (freeze) => `  ${freeze.scope} ${freeze.id}: ${freeze.kind}, ${freeze.reason}`,
    ),
    ...Object.entries(status.payments).map(([name, count]) => `${count} payments ${name}`),
    "",
  ].join("\n");

/** Appends what the file does not have; it is on the disk before anything is removed. */
async function exportTo(ledger: Ledger, options: Options): Promise<Exported> {
  const path = required(options.out, "out");
  const { through, after = lastSeqIn(path) } = options;
  const file = openSync(path, "a", 0o600);
  try {
    const exported = await exportRecords(ledger, {
      after_seq: after,
      ...(through === undefined ? {} : { through_seq: through }),
      write: (line) => writeSync(file, `${line}\n`),
    });
    fsyncSync(file);
    return exported;
  } finally {
    closeSync(file);
  }
}

/** More than the longest line of an export. */
const TAIL_BYTES = 4_194_304;

/** Number of the last record in an export; 0 where there is no file. */
function lastSeqIn(path: string): number {
  if (!existsSync(path)) return 0;
  const tail = tailOf(path);
  if (tail === "") return 0;
  const last = tail.endsWith("\n") ? (tail.trimEnd().split("\n").at(-1) ?? "") : "";
  try {
    const { seq } = JSON.parse(last) as Readonly<{ seq?: unknown }>;
    if (typeof seq === "number" && Number.isSafeInteger(seq)) return seq;
  } catch {
    // falls through to the refusal
  }
  throw new UsageError(`${path} does not end with a whole record: give --after, or another file`);
}

function tailOf(path: string): string {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
    const read = readSync(file, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString("utf8", 0, read);
  } finally {
    closeSync(file);
  }
}

async function prune(ledger: Ledger, options: Options, { now, stderr }: Surroundings) {
  const policies = options.policies.map(readPolicy);
  const exported = await exportTo(ledger, options);
  const rows = await pruneLedger(ledger, {
    policies,
    now_ms: now(),
    exported,
    operator: required(options.operator, "operator"),
    reason: required(options.reason, "reason"),
    progress: (done) => {
      if (!options.json) stderr(`\r${done} rows`);
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

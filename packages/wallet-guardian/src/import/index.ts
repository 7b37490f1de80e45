/** Imports payments that were paid without the guardian, so that they count in its limits (design, section 7: import). */
import type { ShieldEvent } from "@dgb-shield/contract";
import type { OperationCode } from "../codes.js";
import { type Context, ledgerCode, transact } from "../context.js";
import { identifierOf } from "../evaluate/freeze-cause-id.js";
import { emitAll } from "../events.js";
import { has } from "../internal/own.js";
import { ownMembers } from "../internal/parse.js";
import { operatorSchema, readArguments } from "../operations/arguments.js";
import { type Chunk, chunkReads, chunksOf } from "./chunks.js";
import { type ImportIssue, MAX_IMPORTED, type Outside, readOutside } from "./payments.js";
import { compare, count, type ImportOrder, type Place } from "./step.js";

/** The outcome of an import. */
export type ImportResult = Readonly<{
  accepted: boolean;
  /** Why the import was rejected as a whole; empty where it was accepted, or where `issues` say why. */
  reason_codes: readonly OperationCode[];
  /** Identifies the list, whatever its order; null where the list was not read. */
  import_id: string | null;
  /** Payments that count now and did not before; with `check` those that would. */
  imported: number;
  /** Payments that the ledger had already, as they are in the list. */
  repeated: number;
  /** The first 100 things that are wrong. */
  issues: readonly ImportIssue[];
  issues_count: number;
  /** Of a rejection as a whole: what is wrong, and what to do. */
  detail?: string;
  /** Whether the import ended in between: everything is frozen under `import_id` until the same list is imported again. */
  incomplete?: true;
}>;

/** Options of `importPayments`. */
export type ImportOptions = Readonly<{
  /** Only checks, and writes nothing. */
  check?: boolean;
  /** Is called after each transaction with the payments that are done, of twice as many as there are: they are checked, then counted. */
  progress?: (done: number, total: number) => unknown;
}>;

const MAX_ISSUES = 100;

/** Imports a list; see `Guardian.importPayments`. */
export async function importPayments(
  context: Context,
  payments: unknown,
  order: unknown,
  options: unknown,
): Promise<ImportResult> {
  const by = readArguments(operatorSchema, {}, order);
  if (has(by, "rejection")) return rejected(by.rejection.reason_codes[0], by.rejection.detail);
  if (!Array.isArray(payments) || payments.length > MAX_IMPORTED) {
    const detail = `payments: no list of at most ${MAX_IMPORTED}; give one, or several after another`;
    return rejected("invalid_operation", detail);
  }
  const read = readOutside(context.compiled, payments);
  if (read.issues.length > 0) return withIssues(null, read.issues);
  const import_id = importIdOf(read.payments);
  const run = {
    context,
    order: { import_id, ...by.value },
    chunks: chunksOf(context.compiled, read.payments),
    total: read.payments.length,
    ...readOptions(options),
  };
  return checkAndCount(run);
}

type Run = Readonly<{
  context: Context;
  order: ImportOrder;
  chunks: readonly Chunk[];
  total: number;
  isCheck: boolean;
  progress: (done: number, total: number) => void;
}>;

/** Reads the options, own properties alone; what `check` holds but false only checks. */
function readOptions(options: unknown): Pick<Run, "isCheck" | "progress"> {
  const given = typeof options === "object" && options !== null ? options : {};
  const own = ownMembers(given);
  const { check = false, progress } = has(own, "accessor") ? { check: true } : own.members;
  return {
    isCheck: check !== false,
    progress: (done, total) => {
      try {
        if (typeof progress === "function") {
          (progress as (done: number, total: number) => unknown)(done, total);
        }
      } catch {
        // Ignores exceptions of the caller's function.
      }
    },
  };
}

async function checkAndCount(run: Run): Promise<ImportResult> {
  const { order, chunks, total, isCheck, progress } = run;
  const { import_id } = order;
  let done = 0;
  const step = (size: number) => progress((done += size), 2 * total);
  let [fresh, isOpen] = [0, false];
  const issues: ImportIssue[] = [];
  for (const chunk of chunks) {
    const checked = await take(run, chunk, null);
    if (has(checked, "code")) return rejected(checked.code, checked.detail, import_id);
    fresh += checked.fresh;
    isOpen ||= checked.isOpen;
    issues.push(...checked.issues);
    step(chunk.payments.length);
  }
  if (issues.length > 0) return withIssues(import_id, issues);
  const accepted = { ...ACCEPTED, import_id, imported: fresh, repeated: total - fresh };
  if (isCheck || (fresh === 0 && !isOpen)) return accepted;
  const begun = chunks.length > 1 ? { incomplete: true as const } : {};
  for (const [index, chunk] of chunks.entries()) {
    const place = { isFirst: index === 0, isLast: index === chunks.length - 1 };
    const counted = await take(run, chunk, place);
    if (has(counted, "code")) {
      return {
        ...rejected(counted.code, counted.detail, import_id),
        ...(index === 0 ? {} : begun),
      };
    }
    // Another caller used an id after the check.
    if (counted.issues.length > 0) {
      return { ...withIssues(import_id, counted.issues), ...(index === 0 ? {} : begun) };
    }
    step(chunk.payments.length);
  }
  return accepted;
}

type Taken =
  | Readonly<{ fresh: number; isOpen: boolean; issues: readonly ImportIssue[] }>
  | Readonly<{ code: OperationCode; detail?: string | undefined }>;

/** Checks a chunk in a transaction, and counts it where a place is given and nothing is wrong. */
async function take({ context, order }: Run, chunk: Chunk, place: Place | null): Promise<Taken> {
  const reads = chunkReads(context.compiled, chunk, order.import_id);
  let events: readonly ShieldEvent[] = [];
  try {
    const taken = await transact<Taken>(
      context,
      (now_ms) => ({ ...reads, now_ms }),
      (snapshot, time) => {
        // Without a time it is not known what was paid before now.
        if (!time.trusted) {
          return { result: { code: "clock_untrusted", detail: time.detail }, writes: null };
        }
        const nowMs = Math.max(time.nowMs, snapshot.stored_ms);
        const { max_clock_jump_ms } = context.compiled.policy;
        const compared = compare(chunk, snapshot, time.nowMs + max_clock_jump_ms);
        const result = { ...compared, fresh: compared.fresh.length };
        if (place === null || compared.issues.length > 0) return { result, writes: null };
        const counted = count(compared.fresh, { chunk, order, place, snapshot, nowMs });
        events = counted.events;
        return { result, writes: { ...counted.writes, now_ms: nowMs } };
      },
      { keep: place !== null },
    );
    emitAll(context.events, events);
    return taken;
  } catch (error) {
    return { code: ledgerCode(context, error) };
  }
}

/** Identifies a list of payments by their contents, transactions and times, in any order. */
const importIdOf = (payments: readonly Outside[]): string =>
  identifierOf(
    "import",
    payments
      .map(({ payout, txid, paid_at_ms }) => `${payout.content_hash} ${txid} ${paid_at_ms}`)
      .sort(),
  );

const ACCEPTED = Object.freeze({
  accepted: true,
  reason_codes: [],
  imported: 0,
  repeated: 0,
  issues: [],
  issues_count: 0,
});

const rejected = (
  code: OperationCode = "invalid_operation",
  detail: string | undefined,
  import_id: string | null = null,
): ImportResult => ({
  ...ACCEPTED,
  accepted: false,
  reason_codes: [code],
  import_id,
  ...(detail === undefined ? {} : { detail }),
});

const withIssues = (import_id: string | null, issues: readonly ImportIssue[]): ImportResult => ({
  ...ACCEPTED,
  accepted: false,
  import_id,
  issues: [...issues].sort((a, b) => a.index - b.index).slice(0, MAX_ISSUES),
  issues_count: issues.length,
});

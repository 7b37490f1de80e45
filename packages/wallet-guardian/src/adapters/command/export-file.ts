/** Checks the file of an export line by line, and continues it. */
import {
  closeSync,
  createReadStream,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  writeFileSync,
} from "node:fs";
import { z } from "zod";
import { has } from "../../internal/own.js";
import type { Ledger } from "../../ports.js";
import { type Exported, exportRecords, type Segment } from "../../retention.js";
import { type Options, required, UsageError } from "./options.js";

/** What was appended, and the segments of the whole file. */
export type FileExport = Readonly<{ exported: Exported; segments: readonly Segment[] }>;

/**
 * Appends the records that the file lacks, and syncs it before anything is removed.
 *
 * @throws UsageError where the file is no whole export, or one of another ledger or epoch
 */
export async function exportTo(ledger: Ledger, options: Options): Promise<FileExport> {
  const path = required(options.out, "out");
  const { through = Infinity } = options;
  const before = existsSync(path) ? await segmentsIn(path) : [];
  await checkOrigin(ledger, { path, segments: before });
  const { after = before.at(-1)?.through_seq ?? 0 } = options;
  const exported = await append(ledger, { path, after, through });
  const segments = [...before, ...exported.segments];
  return { exported, segments: segments.filter(({ through_seq }) => through_seq <= through) };
}

async function append(
  ledger: Ledger,
  { path, after, through }: Readonly<{ path: string; after: number; through: number }>,
): Promise<Exported> {
  const file = openSync(path, "a", 0o600);
  try {
    const exported = await exportRecords(ledger, {
      after_seq: after,
      ...(through !== Infinity && { through_seq: through }),
      write: (line) => writeFileSync(file, `${line}\n`),
    });
    fsyncSync(file);
    return exported;
  } finally {
    closeSync(file);
  }
}

async function checkOrigin(
  ledger: Ledger,
  { path, segments }: Readonly<{ path: string; segments: readonly Segment[] }>,
): Promise<void> {
  const { ledger_id, epoch } = await ledger.identity();
  // What follows would not belong to what the file has.
  if (segments.some((segment) => segment.ledger_id !== ledger_id))
    throw new UsageError(`${path} is of another ledger: give another file`);
  if (segments.some((segment) => segment.epoch !== epoch))
    throw new UsageError(`${path} is not of epoch ${epoch} of the ledger: give another file`);
}

const segmentSchema = z.strictObject({
  ledger_id: z.string().regex(/^[0-9a-f]{32}$/),
  epoch: z.int().min(1),
  from_seq: z.int().min(1),
  through_seq: z.int().min(1),
  root: z.string().regex(/^[0-9a-f]{64}$/),
});
const lineSchema = z.union([
  z.strictObject({ segment: segmentSchema }),
  z.looseObject({ seq: z.int().min(1) }),
]);

/** The segments of a file, each with all of its records behind it. */
async function segmentsIn(path: string): Promise<readonly Segment[]> {
  if (!isEnded(path)) throw notWhole(path);
  const segments: Segment[] = [];
  let [next, end] = [1, 0];
  for await (const text of linesOf(path)) {
    const line = parsed(text, path);
    if (has(line, "segment")) {
      // The segment before lacks records.
      if (next <= end) throw notWhole(path);
      const { segment } = line;
      segments.push(segment);
      [next, end] = [segment.from_seq, segment.through_seq];
    } else if (line.seq === next && next <= end) next += 1;
    else throw notWhole(path);
  }
  if (next <= end) throw notWhole(path);
  return segments;
}

/** Splits lines at line feeds alone: a text of a record may hold other separators. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of createReadStream(path, "utf8")) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

function parsed(text: string, path: string): z.infer<typeof lineSchema> {
  try {
    return lineSchema.parse(JSON.parse(text));
  } catch {
    throw notWhole(path);
  }
}

const notWhole = (path: string): UsageError =>
  new UsageError(`${path} does not end with a whole record, or lacks some: give another file`);

/** Checks whether a file is empty, or ends with a line feed. */
function isEnded(path: string): boolean {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const last = Buffer.alloc(1);
    return size === 0 || (readSync(file, last, 0, 1, size - 1) === 1 && last[0] === 0x0a);
  } finally {
    closeSync(file);
  }
}

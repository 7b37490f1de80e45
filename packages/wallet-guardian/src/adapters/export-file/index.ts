/** Keeps the file of an export: checks it line by line, and continues it (design, section 7: retention). */
import {
  closeSync,
  createReadStream,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  writeFileSync,
} from "node:fs";
import { ShieldError } from "@dgb-shield/contract";
import { z } from "zod";
import { has } from "../../internal/own.js";
import type { Ledger } from "../../ports.js";
import { type Exported, exportRecords, type Segment } from "../../retention.js";

/** Reports a file that no export can go on with; the message has what to do. */
export class ExportFileError extends ShieldError<"export_file_unusable"> {
  override readonly name = "ExportFileError";
  declare readonly path: string;

  constructor(path: string, detail: string) {
    super({ code: "export_file_unusable", path, detail }, `${path} ${detail}: give another file`);
  }
}

/** What was appended, and the segments of the whole file. */
export type FileExport = Readonly<{ exported: Exported; segments: readonly Segment[] }>;

/** Options of `exportToFile`. */
export type FileExportOptions = Readonly<{
  /** The file; made where it is missing, for its owner alone. */
  path: string;
  /** Exports records above this number; absent: those after the last one of the file. */
  after_seq?: number | undefined;
  /** Exports records up to this number; absent: up to the newest one when the export begins. */
  through_seq?: number | undefined;
  /** Is called after each record with how many were written, of at most how many; where it throws, the export ends. */
  progress?: (records: number, total: number) => unknown;
}>;

/**
 * Appends the records that a file lacks, and syncs it. What it holds already is checked first: whole lines, and each
 * segment with all of its records. An export that fails leaves the file as it was.
 *
 * @returns what was appended, and the segments of the whole file for `pruneLedger`
 * @throws ExportFileError where the file is no whole export, or one of another ledger or epoch; what `node:fs` throws
 * @example await exportToFile(ledger, { path: "records.jsonl" })
 */
export async function exportToFile(
  ledger: Ledger,
  options: FileExportOptions,
): Promise<FileExport> {
  const { path } = options;
  const through = options.through_seq ?? Infinity;
  const before = existsSync(path) ? await segmentsIn(path) : [];
  await checkOrigin(ledger, { path, segments: before });
  const after = options.after_seq ?? before.at(-1)?.through_seq ?? 0;
  const exported = await append(ledger, { ...options, after, through });
  const segments = [...before, ...exported.segments];
  return { exported, segments: segments.filter(({ through_seq }) => through_seq <= through) };
}

type Appending = Readonly<
  Pick<FileExportOptions, "path" | "progress"> & { after: number; through: number }
>;

async function append(
  ledger: Ledger,
  { path, after, through, progress }: Appending,
): Promise<Exported> {
  const file = openSync(path, "a", 0o600);
  const { size } = fstatSync(file);
  try {
    const exported = await exportRecords(ledger, {
      after_seq: after,
      ...(through !== Infinity && { through_seq: through }),
      ...(progress !== undefined && { progress }),
      write: (line) => writeFileSync(file, `${line}\n`),
    });
    fsyncSync(file);
    return exported;
  } catch (error) {
    ftruncateSync(file, size);
    throw error;
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
    throw new ExportFileError(path, "is of another ledger");
  if (segments.some((segment) => segment.epoch !== epoch))
    throw new ExportFileError(path, `is not of epoch ${epoch} of the ledger`);
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

const notWhole = (path: string): ExportFileError =>
  new ExportFileError(path, "does not end with a whole record, or lacks some");

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

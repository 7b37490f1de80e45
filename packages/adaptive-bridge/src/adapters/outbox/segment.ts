/** Reads one segment file of the outbox's log, and recognises a foreign one. */
import { basename } from "node:path";
import { type FileIdentity, foreign, identityOf, OPEN, openFile } from "../files/regular-file.js";
import { decodeRecords, type StoredEvent } from "./record.js";

const NAME = /^(\d{15,16})\.log$/;
const NEWLINE = 0x0a;
const READ_BYTES = 1 << 20;
/** A record that a crash cut off before its first field. */
const TORN_START = 64;
const TORN = /^[0-9a-f]{0,8}(?: \d{0,15}(?: .*)?)?$/s;
const MARKS = ["\0", '{"action":"', '","event_id":"', ',"fingerprint":"'];
/** Files whose names an outbox gives, and that are gone, are lost records: anything else is an error of the disk. */
const GONE = new Set(["ENOENT", "foreign_file"]);

/** A file of the log: records from `first` on; `bytes` of it are flushed and may be read. */
export type Segment = {
  readonly first: number;
  readonly path: string;
  readonly identity: FileIdentity;
  bytes: number;
  /** Nothing more is appended: something else wrote to it, or a write could not be taken back. */
  isSealed: boolean;
};

/** A segment that was found, and the number after its last record: damaged lines behind that count as one each. */
export type ScannedSegment = Readonly<{ segment: Segment; end: number }>;

/** The number of the first record, from the name of a file; null for a file that is none of the log's. */
export const firstOf = (name: string): number | null => {
  const [, first] = NAME.exec(name) ?? [];
  return first === undefined || !Number.isSafeInteger(Number(first)) ? null : Number(first);
};

/** The name of a segment. */
export const nameOf = (first: number): string => `${String(first).padStart(16, "0")}.log`;

/**
 * Reads a segment through, changing nothing.
 *
 * @throws BridgeError `foreign_file` for a link, a folder, or a text without a single record
 */
export async function scanSegment(path: string): Promise<ScannedSegment> {
  const first = firstOf(basename(path)) as number;
  const file = await openFile(path, OPEN.read);
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw foreign(path, "not a file");
    const segment = {
      first,
      path,
      identity: await identityOf(file),
      bytes: stat.size,
      isSealed: false,
    };
    let end = first;
    let damaged = 0;
    let isOurs = stat.size === 0;
    let hasRecord = false;
    for (let offset = 0; offset < stat.size;) {
      const bytes = await readAt(file, offset, READ_BYTES);
      if (bytes.length === 0) break;
      const { records, consumed, damagedAtEnd } = decodeRecords(bytes);
      const last = records.at(-1);
      damaged = (last === undefined ? damaged : 0) + damagedAtEnd;
      end = Math.max(end, (last?.seq ?? -1) + 1);
      hasRecord ||= last !== undefined;
      isOurs ||= hasRecord || looksLikeOurs(bytes);
      offset += consumed > 0 ? consumed : bytes.length;
    }
    if (!isOurs) throw foreign(path, "not a file of an outbox");
    // One without a record that can be read is kept as it is.
    segment.isSealed = !hasRecord && stat.size > 0;
    return { segment, end: end + damaged };
  } finally {
    await file.close();
  }
}

/** Whole records from `offset` on, and where to go on: damage is passed over. */
export async function readSegment(
  { path, bytes: size }: Segment,
  offset: number,
): Promise<{ records: StoredEvent[]; next: number }> {
  const file = await openFile(path, OPEN.read);
  try {
    const bytes = await readAt(file, offset, Math.min(size - offset, READ_BYTES));
    const { records, consumed } = decodeRecords(bytes);
    // No end of a line in more than a record may have is a hole, and so is what has none at the end of the file.
    const step = consumed > 0 ? consumed : bytes.length;
    return { records, next: step === 0 ? size : offset + step };
  } finally {
    await file.close();
  }
}

/** Whether an error means that the file is not there any more. */
export const isGone = (error: unknown): boolean =>
  GONE.has((error as NodeJS.ErrnoException | undefined)?.code ?? "");

/** Whether a segment ends in the middle of a line: the next record begins a new one. */
export async function endsTorn({ path, bytes: size }: Segment): Promise<boolean> {
  if (size === 0) return false;
  const file = await openFile(path, OPEN.read);
  try {
    return (await readAt(file, size - 1, 1))[0] !== NEWLINE;
  } finally {
    await file.close();
  }
}

/** Whether bytes without a whole record may be what is left of some: zeros, the form of a record, or its fields. */
function looksLikeOurs(bytes: Buffer): boolean {
  const isTornStart = bytes.length < TORN_START && TORN.test(bytes.toString("latin1"));
  return isTornStart || MARKS.some((mark) => bytes.includes(mark));
}

async function readAt(
  file: Awaited<ReturnType<typeof openFile>>,
  offset: number,
  length: number,
): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
  return buffer.subarray(0, bytesRead);
}

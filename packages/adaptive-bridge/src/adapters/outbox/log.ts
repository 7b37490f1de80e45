/** The outbox's log: segments of records, appended and flushed to the disk, the oldest dropped when full. */
import { type FileHandle, open, readdir, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import type { ShieldEvent } from "@dgb-shield/contract";
import { decodeRecords, encodeRecord, type StoredEvent } from "./record.js";

/** A segment has at most this share of the disk that the log may use. */
const SEGMENTS = 8;
const READ_BYTES = 1 << 20;
const NAME = /^(\d{16})\.log$/;

/** A file of the log: records from `first` on; `bytes` of it are flushed and may be read. */
export type Segment = { readonly first: number; readonly path: string; bytes: number };

/** A place in the log. */
export type Position = Readonly<{ segment: Segment; offset: number }>;

export class SegmentLog {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #segments: Segment[];
  #active: FileHandle | undefined;
  #next: number;

  private constructor(folder: string, maxBytes: number, found: [Segment[], number]) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    [this.#segments, this.#next] = found;
  }

  /** Opens the log of a folder. What a crash left unfinished at the end of a segment is cut off. */
  static async open(folder: string, maxBytes: number, atLeast: number): Promise<SegmentLog> {
    const names = (await readdir(folder)).filter((name) => NAME.test(name)).sort();
    const segments: Segment[] = [];
    let next = atLeast;
    for (const name of names) {
      const segment = { first: Number(name.slice(0, 16)), path: join(folder, name), bytes: 0 };
      const end = await repair(segment);
      // Records of an earlier segment past the start of a later one were never acknowledged.
      next = Math.max(next, segment.first, name === names.at(-1) ? end : 0);
      segments.push(segment);
    }
    return new SegmentLog(folder, maxBytes, [segments, next]);
  }

  /** Sequence number that the next event gets. */
  get next(): number {
    return this.#next;
  }

  /** Sequence number of the oldest record that may be kept. */
  get first(): number {
    return this.#segments[0]?.first ?? this.#next;
  }

  /** Bytes on the disk. */
  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /**
   * Appends events from the head of `batch`, as many as fit one segment, and flushes them.
   *
   * @returns how many
   */
  async append(batch: readonly ShieldEvent[]): Promise<number> {
    const limit = Math.floor(this.#maxBytes / SEGMENTS);
    const records: Buffer[] = [];
    let bytes = 0;
    for (const event of batch) {
      const record = encodeRecord(this.#next + records.length, event);
      if (records.length > 0 && bytes + record.length > limit) break;
      bytes += records.push(record) > 0 ? record.length : 0;
    }
    await this.#makeRoom(bytes, limit);
    await this.#flush(Buffer.concat(records));
    this.#next += records.length;
    return records.length;
  }

  /** Where the reading of records from `seq` on begins; null when none are there. */
  find(seq: number): Position | null {
    const segment = this.#segments.findLast(({ first }) => first <= seq) ?? this.#segments[0];
    return segment === undefined ? null : { segment, offset: 0 };
  }

  /** Whole records from `position` on and the position after them; null at the end of the log. */
  async read(position: Position): Promise<{ records: StoredEvent[]; next: Position } | null> {
    const { segment, offset } = position;
    const following = this.#segments.find(({ first }) => first > segment.first);
    if (offset >= segment.bytes) {
      return following === undefined ? null : this.read({ segment: following, offset: 0 });
    }
    const bytes = await readRange(
      segment.path,
      offset,
      Math.min(segment.bytes - offset, READ_BYTES),
    );
    const { records, consumed } = decodeRecords(bytes);
    // No end of a line in more than a record may have: damage, up to the end of the segment.
    const step = consumed > 0 ? consumed : segment.bytes - offset;
    const end = following?.first ?? Infinity;
    return {
      records: records.filter(({ seq }) => seq < end),
      next: { segment, offset: offset + step },
    };
  }

  /** Whether there is a segment that has nothing from `seq` on. */
  hasBefore(seq: number): boolean {
    return (this.#segments[1]?.first ?? Infinity) <= seq;
  }

  /** Removes segments that have nothing from `seq` on. */
  async forget(seq: number): Promise<void> {
    while (this.hasBefore(seq)) await this.#dropOldest();
  }

  /** Whether `segment` is still part of the log. */
  has(segment: Segment): boolean {
    return this.#segments.includes(segment);
  }

  async close(): Promise<void> {
    const file = this.#active;
    this.#active = undefined;
    await file?.close();
  }

  async #makeRoom(bytes: number, limit: number): Promise<void> {
    const last = this.#segments.at(-1);
    if (last !== undefined && last.bytes + bytes > limit) await this.close();
    while (this.bytes + bytes > this.#maxBytes && this.#segments.length > 0)
      await this.#dropOldest();
    if (this.#active === undefined) await this.#roll();
  }

  async #roll(): Promise<void> {
    const path = join(this.#folder, `${String(this.#next).padStart(16, "0")}.log`);
    // One that is there already holds nothing that was ever acknowledged.
    const file = await open(path, "w", 0o600);
    const stale = this.#segments.findIndex(({ first }) => first === this.#next);
    if (stale >= 0) this.#segments.splice(stale, 1);
    this.#segments.push({ first: this.#next, path, bytes: 0 });
    this.#active = file;
    await syncFolder(this.#folder);
  }

  async #flush(bytes: Buffer): Promise<void> {
    const segment = this.#segments.at(-1) as Segment;
    try {
      await this.#active?.appendFile(bytes);
      await this.#active?.datasync();
    } catch (error) {
      await this.close().catch(() => undefined);
      await truncate(segment.path, segment.bytes).catch(() => undefined);
      throw error;
    }
    segment.bytes += bytes.length;
  }

  async #dropOldest(): Promise<void> {
    const [oldest] = this.#segments;
    if (oldest === undefined) return;
    if (this.#segments.length === 1) await this.close();
    await rm(oldest.path, { force: true });
    this.#segments.shift();
  }
}

/** Cuts off what follows the last whole line, and gives the number after the last record. */
async function repair(segment: Segment): Promise<number> {
  const { size } = await stat(segment.path);
  let offset = 0;
  let next = segment.first;
  while (offset < size) {
    const bytes = await readRange(segment.path, offset, Math.min(size - offset, READ_BYTES));
    const { records, consumed } = decodeRecords(bytes);
    next = (records.at(-1)?.seq ?? next - 1) + 1;
    if (consumed === 0) break;
    offset += consumed;
  }
  if (offset < size) await truncate(segment.path, offset);
  segment.bytes = offset;
  return next;
}

async function readRange(path: string, offset: number, length: number): Promise<Buffer> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The outbox's log: segments of records, appended and flushed to the disk, the oldest dropped when full. */
import { type FileHandle, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ShieldEvent } from "@dgb-shield/contract";
import { foreign, identityOf, isAt, OPEN, openFile, syncFolder } from "../files/regular-file.js";
import type { FolderLock } from "./lock.js";
import { encodeRecord, type StoredEvent } from "./record.js";
import {
  endsTorn,
  firstOf,
  isGone,
  nameOf,
  readSegment,
  type ScannedSegment,
  scanSegment,
  type Segment,
} from "./segment.js";

/** A segment has at most this share of the disk that the log may use. */
const SEGMENTS = 8;

/** A place in the log. */
export type Position = Readonly<{ segment: Segment; offset: number }>;

/** The file that is appended to. */
type Active = Readonly<{ file: FileHandle; segment: Segment }>;

export class SegmentLog {
  readonly #lock: FolderLock;
  readonly #maxBytes: number;
  #segments: Segment[] = [];
  #active: Active | undefined;
  #next: number;
  #droppedBelow = 0;
  #isScanned = false;

  private constructor(lock: FolderLock, maxBytes: number, next: number) {
    this.#lock = lock;
    this.#maxBytes = maxBytes;
    this.#next = next;
  }

  /**
   * Opens the log of a folder, changing nothing in it.
   *
   * @param atLeast the first number that no earlier process can have given
   * @throws BridgeError `foreign_file`
   */
  static async open(lock: FolderLock, maxBytes: number, atLeast: number): Promise<SegmentLog> {
    const log = new SegmentLog(lock, maxBytes, atLeast);
    await log.#scan();
    return log;
  }

  /** Sequence number that the next event gets. */
  get next(): number {
    return this.#next;
  }

  /** Sequence number of the oldest record that may be kept. */
  get first(): number {
    return this.#segments[0]?.first ?? this.#next;
  }

  /** Everything below this number was dropped by this process, to keep to the disk space. */
  get droppedBelow(): number {
    return this.#droppedBelow;
  }

  /** Bytes on the disk. */
  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /**
   * Appends events from the head of `batch`, as many as fit one segment, and flushes them. When it resolves, the
   * records are in a file that the folder has, and the folder is the one that is locked.
   *
   * @returns how many
   */
  async append(batch: readonly ShieldEvent[]): Promise<number> {
    await this.#followFolder();
    const limit = Math.floor(this.#maxBytes / SEGMENTS);
    const records: Buffer[] = [];
    let bytes = 0;
    for (const event of batch) {
      const record = encodeRecord(this.#next + records.length, event);
      if (records.length > 0 && bytes + record.length > limit) break;
      bytes += records.push(record) > 0 ? record.length : 0;
    }
    const { active, before } = await this.#placeFor(bytes, limit);
    await this.#flush(active, Buffer.concat([Buffer.from(before), ...records]));
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
    const { records, next } = await readSegment(segment, offset).catch(async (error: unknown) => {
      if (!isGone(error) || !(await this.#hasLost(segment))) throw error;
      return { records: [], next: segment.bytes };
    });
    const end = following?.first ?? Infinity;
    return { records: records.filter(({ seq }) => seq < end), next: { segment, offset: next } };
  }

  /** Whether there is a segment that has nothing from `seq` on. */
  hasBefore(seq: number): boolean {
    return (this.#segments[1]?.first ?? Infinity) <= seq;
  }

  /** Removes segments that have nothing from `seq` on. */
  async forget(seq: number): Promise<void> {
    await this.#lock.check();
    while (this.hasBefore(seq)) await this.#dropOldest();
  }

  /** Whether `segment` is still part of the log. */
  has(segment: Segment): boolean {
    return this.#segments.includes(segment);
  }

  async close(): Promise<void> {
    const active = this.#active;
    this.#active = undefined;
    await active?.file.close();
  }

  /** Goes on in the folder that is at the path now: what was in another one is lost, and counted as that. */
  async #followFolder(): Promise<void> {
    if (!(await this.#lock.isInPlace())) {
      this.#isScanned = false;
      await this.#lock.takeAgain();
    }
    if (this.#isScanned) return;
    await this.close();
    await this.#scan();
  }

  async #scan(): Promise<void> {
    const { folder } = this.#lock;
    const names = (await readdir(folder)).filter((name) => firstOf(name) !== null).sort();
    const found: ScannedSegment[] = [];
    for (const name of names) found.push(await scanSegment(join(folder, name)));
    this.#segments = found.map(({ segment }) => segment);
    // Records of an earlier segment past the start of a later one were never acknowledged.
    const last = found.at(-1);
    this.#next = Math.max(this.#next, last?.segment.first ?? 0, last?.end ?? 0);
    this.#isScanned = true;
  }

  /** The file for the next bytes, and what comes before them in it. */
  async #placeFor(bytes: number, limit: number): Promise<{ active: Active; before: string }> {
    const last = this.#segments.at(-1);
    if (last !== undefined && last.bytes + bytes > limit) await this.close();
    while (this.bytes + bytes > this.#maxBytes && this.#segments.length > 0) {
      this.#droppedBelow = this.#segments[1]?.first ?? this.#next;
      await this.#dropOldest();
    }
    if (this.#active !== undefined) return { active: this.#active, before: "" };
    const fits = last !== undefined && last.bytes + bytes <= limit && this.has(last);
    const reopened = fits ? await this.#reopen(last) : undefined;
    if (reopened === undefined) return { active: await this.#roll(), before: "" };
    const isTorn = await endsTorn(reopened.segment);
    return { active: reopened, before: isTorn ? "\n" : "" };
  }

  /** Opens the last segment to append to it; undefined where it is not as it was left. */
  async #reopen(segment: Segment): Promise<Active | undefined> {
    if (segment.isSealed || segment.bytes === 0) return undefined;
    const file = await openFile(segment.path, OPEN.append).catch(() => undefined);
    if (file === undefined) return undefined;
    const [{ size }, { dev, ino }] = [await file.stat(), await identityOf(file)];
    if (size === segment.bytes && dev === segment.identity.dev && ino === segment.identity.ino) {
      return (this.#active = { file, segment });
    }
    await file.close();
    return undefined;
  }

  async #roll(): Promise<Active> {
    const { folder } = this.#lock;
    const path = join(folder, nameOf(this.#next));
    // A segment of that number has nothing that was ever acknowledged.
    const stale = this.#segments.findIndex(({ first }) => first === this.#next);
    const [unused] = stale >= 0 ? this.#segments.splice(stale, 1) : [];
    if (unused !== undefined && (await isAt(path, unused.identity))) await rm(path);
    const file = await openFile(path, OPEN.create).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      throw foreign(path, "not a file of this outbox");
    });
    const identity = await identityOf(file);
    const segment = { first: this.#next, path, identity, bytes: 0, isSealed: false };
    this.#segments.push(segment);
    try {
      // Before anything is appended: without its name in the folder a power cut would take the file.
      await syncFolder(folder);
    } catch (error) {
      await file.close();
      throw error;
    }
    return (this.#active = { file, segment });
  }

  async #flush(active: Active, bytes: Buffer): Promise<void> {
    const { file, segment } = active;
    try {
      await file.appendFile(bytes);
      await file.datasync();
      await this.#check(active, segment.bytes + bytes.length);
    } catch (error) {
      if (!segment.isSealed) await file.truncate(segment.bytes).catch(() => seal(segment));
      await this.close().catch(() => undefined);
      throw error;
    }
    segment.bytes += bytes.length;
  }

  /** Throws where what was written is not where the next process will look for it. */
  async #check({ file, segment }: Active, size: number): Promise<void> {
    const isInPlace = !(await this.#hasLost(segment));
    if (isInPlace && (await file.stat()).size === size) return;
    seal(segment);
    if (!isInPlace) this.#segments = this.#segments.filter((other) => other !== segment);
    throw new Error(
      `${segment.path} was ${isInPlace ? "written to by another" : "moved or removed"}`,
    );
  }

  /**
   * Whether a segment's file is gone for good, and not with the folder for a while: looked for between two looks at the
   * folder, so that one that goes and comes back meanwhile loses nothing.
   *
   * @throws Error where the folder is not in its place
   */
  async #hasLost({ path, identity }: Segment): Promise<boolean> {
    await this.#lock.check();
    const isThere = await isAt(path, identity);
    await this.#lock.check();
    return !isThere;
  }

  async #dropOldest(): Promise<void> {
    const [oldest] = this.#segments;
    if (oldest === undefined) return;
    if (this.#segments.length === 1) await this.close();
    if (await isAt(oldest.path, oldest.identity)) await rm(oldest.path, { force: true });
    this.#segments.shift();
  }
}

function seal(segment: Segment): void {
  segment.isSealed = true;
}

/** Encodes and decodes one record of the outbox: `crc seq json\n`, where the checksum covers all that follows it. */
import { crc32 } from "node:zlib";
import { canonicalize, type ShieldEvent, shieldEventSchema } from "@dgb-shield/contract";
import { deepFreeze } from "../../internal/freeze-event.js";

const NEWLINE = 0x0a;
const FORM = /^([0-9a-f]{8}) (\d{1,15}) (\{.*\})$/s;

/** An event with its place in the order of the outbox. */
export type StoredEvent = Readonly<{ seq: number; event: ShieldEvent; bytes: number }>;

/** What was read: the whole records, the bytes that they and damaged lines take, the damaged lines behind the last record. */
export type Decoded = Readonly<{ records: StoredEvent[]; consumed: number; damagedAtEnd: number }>;

/** The bytes of one record. */
export function encodeRecord(seq: number, event: ShieldEvent): Buffer {
  const body = `${seq} ${canonicalize(event)}`;
  return Buffer.from(`${checksum(body)} ${body}\n`);
}

/** Checksum of a text: CRC-32 in 8 hexadecimal digits. It finds damage, not malice. */
export const checksum = (text: string | Buffer): string =>
  crc32(text).toString(16).padStart(8, "0");

/** Reads the lines at the front of `bytes` that have an end. */
export function decodeRecords(bytes: Buffer): Decoded {
  const records: StoredEvent[] = [];
  let consumed = 0;
  let damagedAtEnd = 0;
  for (;;) {
    const end = bytes.indexOf(NEWLINE, consumed);
    if (end < 0) return { records, consumed, damagedAtEnd };
    const record = decodeLine(bytes.subarray(consumed, end));
    damagedAtEnd = record === null ? damagedAtEnd + 1 : 0;
    if (record !== null) records.push(record);
    consumed = end + 1;
  }
}

/** The record of a line without its newline; null where it is damaged or none of ours. */
function decodeLine(line: Buffer): StoredEvent | null {
  const [, crc, seq, json] = FORM.exec(line.toString("utf8")) ?? [];
  if (crc === undefined || json === undefined || checksum(line.subarray(9)) !== crc) return null;
  const event = parseEvent(json);
  return event === null ? null : { seq: Number(seq), event, bytes: line.length + 1 };
}

function parseEvent(json: string): ShieldEvent | null {
  try {
    const value: unknown = JSON.parse(json);
    return shieldEventSchema.safeParse(value).success ? deepFreeze(value as ShieldEvent) : null;
  } catch {
    return null;
  }
}

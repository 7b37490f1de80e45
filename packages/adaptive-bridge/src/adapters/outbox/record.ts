/** One record of the outbox: `crc seq json\n`, where the checksum covers all that follows it. */
import { crc32 } from "node:zlib";
import { canonicalize, type ShieldEvent } from "@dgb-shield/contract";
import { deepFreeze } from "../../internal/seal.js";

const NEWLINE = 0x0a;
const FORM = /^([0-9a-f]{8}) (\d{1,16}) (\{.*\})$/s;

/** An event with its place in the order of the outbox. */
export type StoredEvent = Readonly<{ seq: number; event: ShieldEvent; bytes: number }>;

/** The bytes of one record. */
export function encodeRecord(seq: number, event: ShieldEvent): Buffer {
  const body = `${seq} ${canonicalize(event)}`;
  return Buffer.from(`${checksum(body)} ${body}\n`);
}

/** Checksum of a text: CRC-32 in 8 hexadecimal digits. It finds damage, not malice. */
export const checksum = (text: string | Buffer): string =>
  crc32(text).toString(16).padStart(8, "0");

/** The whole records at the front of `bytes`, and how many bytes they and damaged lines take. */
export function decodeRecords(bytes: Buffer): { records: StoredEvent[]; consumed: number } {
  const records: StoredEvent[] = [];
  let consumed = 0;
  for (;;) {
    const end = bytes.indexOf(NEWLINE, consumed);
    if (end < 0) return { records, consumed };
    const record = decodeLine(bytes.subarray(consumed, end));
    if (record !== null) records.push(record);
    consumed = end + 1;
  }
}

/** The record of a line without its newline; null where it is damaged. */
function decodeLine(line: Buffer): StoredEvent | null {
  const [, crc, seq, json] = FORM.exec(line.toString("utf8")) ?? [];
  if (crc === undefined || json === undefined || checksum(line.subarray(9)) !== crc) return null;
  const event = deepFreeze(JSON.parse(json) as ShieldEvent);
  return { seq: Number(seq), event, bytes: line.length + 1 };
}

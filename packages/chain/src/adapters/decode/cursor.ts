/** Reads the wire format: fixed integers, sizes in their shortest form, byte strings; never past the end. */
import { Refusal } from "./refusal.js";

/** A position in bytes, and the path that a refusal there names. */
export type Cursor = Readonly<{
  /** Sets the path of what is read next, below the cursor's base. */
  at(path: string): void;
  position(): number;
  remaining(): number;
  u8(): number;
  u32(): number;
  u64(): bigint;
  /** A CompactSize in its shortest form that is at most `most`. */
  size(most: number): number;
  /** A number of items of at least `bytesEach` bytes, as many as can follow. */
  count(bytesEach: number): number;
  /** The next bytes, as a view. */
  take(length: number): Uint8Array;
  /** A byte string with its size in front, as a view. */
  bytes(): Uint8Array;
  /** Refuses what follows the end. */
  end(): void;
  /** Refuses what is read. */
  fail(): never;
}>;

const MAX_U16 = 0xffff;
const MAX_U32 = 0xffff_ffff;

/**
 * Opens bytes for reading. Each method throws a {@link Refusal} `malformed` where the bytes do not allow it.
 *
 * @param base path in front of all paths
 */
export function cursorOf(data: Uint8Array, base: string): Cursor {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let position = 0;
  let path = "";

  // [REFUSE malformed] bytes that end early or go on, a size that is not the shortest, an unknown flag
  const fail = (): never => {
    throw new Refusal("malformed", base + path);
  };

  function advance(length: number): number {
    if (length > data.length - position) fail();
    const start = position;
    position += length;
    return start;
  }

  const u8 = () => view.getUint8(advance(1));
  const u32 = () => view.getUint32(advance(4), true);
  const u64 = () => view.getBigUint64(advance(8), true);

  function size(most: number): number {
    const first = u8();
    if (first < 0xfd) return first > most ? fail() : first;
    if (first === 0xff) {
      u64();
      // No input is long enough for a size of eight bytes.
      return fail();
    }
    const [value, least] =
      first === 0xfd ? [view.getUint16(advance(2), true), 0xfd] : [u32(), MAX_U16 + 1];
    return value < least || value > most ? fail() : value;
  }

  function take(length: number): Uint8Array {
    const start = advance(length);
    return data.subarray(start, start + length);
  }

  const remaining = () => data.length - position;
  return {
    at: (given) => void (path = given),
    position: () => position,
    remaining,
    u8,
    u32,
    u64,
    size,
    count: (bytesEach) => size(Math.min(MAX_U32, Math.floor(remaining() / bytesEach))),
    take,
    bytes: () => take(size(remaining())),
    end: () => {
      if (remaining() > 0) fail();
    },
    fail,
  };
}

/** Unpacks gzip files, also those whose last member was cut: a recorder that was killed leaves such a one. */
import { gunzipSync } from "node:zlib";

/** Begins every gzip member. */
const MAGIC = Buffer.of(0x1f, 0x8b, 0x08);

/** What a file holds. */
export type Unpacked = Readonly<{
  bytes: Buffer;
  /** Length of the packed file up to the end of its last whole member. */
  whole: number;
}>;

/** Whether bytes are gzip. */
export const isGzip = (bytes: Buffer): boolean => bytes.subarray(0, MAGIC.length).equals(MAGIC);

/**
 * Unpacks all members; a last one that was cut is left out where whole ones are before it.
 *
 * @param packed the file
 * @param mostBytes most that is unpacked
 * @throws what `node:zlib` throws
 */
export function unpack(packed: Buffer, mostBytes?: number): Unpacked {
  const options = mostBytes === undefined ? {} : { maxOutputLength: mostBytes };
  try {
    return { bytes: gunzipSync(packed, options), whole: packed.length };
  } catch (error) {
    if (!isCut(error)) throw error;
    for (const end of endsOf(packed)) {
      const bytes = unpackedOrNone(packed.subarray(0, end), options);
      if (bytes !== undefined) return { bytes, whole: end };
    }
    throw error;
  }
}

/** Where the last whole member may end, the last place first: before the magic bytes, or before a part of them. */
function* endsOf(packed: Buffer): Generator<number> {
  yield packed.length - 1;
  yield packed.length - 2;
  let end = packed.lastIndexOf(MAGIC);
  for (; end > 0; end = packed.lastIndexOf(MAGIC, end - 1)) yield end;
}

function unpackedOrNone(packed: Buffer, options: object): Buffer | undefined {
  try {
    return gunzipSync(packed, options);
  } catch {
    return undefined;
  }
}

const isCut = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "Z_BUF_ERROR";

/** Reads the maps of a PSBT: keys each once, known fields alone, counts as its transaction has them. */
import { equalBytes, hexOf } from "./bytes.js";
import { type Cursor, cursorOf } from "./cursor.js";
import { FIELD, FIELDS, type FieldTable, GLOBAL_FIELDS } from "./psbt-fields.js";
import { Refusal } from "./refusal.js";
import { readTransaction, type WireTransaction } from "./wire.js";

/** One map of a PSBT. */
export type PsbtMap = Readonly<{
  path: string;
  /** Values of fields without data in their keys, by type. */
  values: ReadonlyMap<number, Uint8Array>;
}>;

/** A PSBT's maps, by version. */
export type PsbtMaps = Readonly<{
  global: PsbtMap;
  inputs: readonly PsbtMap[];
  outputs: readonly PsbtMap[];
}> &
  Readonly<{ version: 0; unsigned: WireTransaction } | { version: 2 }>;

const MAGIC = Uint8Array.of(0x70, 0x73, 0x62, 0x74, 0xff);
/** Most fields of all maps, which bounds the memory that a PSBT takes. */
const MAX_FIELDS = 100_000;
const NO_TYPE = -1;

/** Reads all maps of a PSBT. */
export function readMaps(data: Uint8Array): PsbtMaps {
  // [REFUSE psbt_magic] other first bytes
  if (!equalBytes(data.subarray(0, MAGIC.length), MAGIC)) throw new Refusal("psbt_magic", "");
  const cursor = cursorOf(data, "");
  cursor.take(MAGIC.length);
  const reader = mapReader(cursor);
  const global = reader("/global", GLOBAL_FIELDS);
  const version = versionOf(global);
  for (const type of global.values.keys()) {
    if (!FIELDS[version].global.has(type)) throw unknownField("/global");
  }
  const unsigned = version === 0 ? unsignedTransaction(global) : undefined;
  const [inputCount, outputCount] = unsigned
    ? [unsigned.inputs.length, unsigned.outputs.length]
    : [sizeIn(global, FIELD.inputCount), sizeIn(global, FIELD.outputCount)];
  // Each map has at least its end.
  if (inputCount + outputCount > cursor.remaining()) cursor.fail();
  const maps = (count: number, name: "input" | "output") =>
    Array.from({ length: count }, (_, i) => reader(`/${name}s/${i}`, FIELDS[version][name]));
  const inputs = maps(inputCount, "input");
  const outputs = maps(outputCount, "output");
  cursor.at("");
  cursor.end();
  const common = { global, inputs, outputs };
  return unsigned ? { ...common, version: 0, unsigned } : { ...common, version: 2 };
}

const unknownField = (path: string) => new Refusal("psbt_unknown_field", path);

function mapReader(cursor: Cursor): (path: string, table: FieldTable) => PsbtMap {
  let fields = 0;
  return (path, table) => {
    const seen = new Set<string>();
    const values = new Map<number, Uint8Array>();
    for (;;) {
      cursor.at(path);
      const key = cursor.bytes();
      if (key.length === 0) return { path, values };
      const text = hexOf(key);
      // [REFUSE psbt_duplicate_key] of two values, readers choose differently
      if (seen.has(text)) throw new Refusal("psbt_duplicate_key", path);
      seen.add(text);
      if (++fields > MAX_FIELDS) throw new Refusal("too_large", path);
      const value = cursor.bytes();
      // All known types are one byte; a longer one begins with 0xfd or more, which none of them is.
      const [type = NO_TYPE] = key;
      const lengths = table.get(type);
      // [REFUSE psbt_unknown_field] what is not known could change what leaves
      if (lengths === undefined) throw unknownField(path);
      const length = key.length - 1;
      // [REFUSE psbt_field] a key or a value of another length
      if (lengths !== null && !lengths.includes(length)) throw new Refusal("psbt_field", path);
      if (length === 0) values.set(type, value);
    }
  };
}

function versionOf(global: PsbtMap): 0 | 2 {
  const version = global.values.has(FIELD.version) ? wordIn(global, FIELD.version) : 0;
  // [REFUSE psbt_version] neither 0 nor 2
  if (version !== 0 && version !== 2) throw new Refusal("psbt_version", "/global");
  return version;
}

function unsignedTransaction(global: PsbtMap): WireTransaction {
  const path = "/global/unsigned_transaction";
  const value = required(global, FIELD.unsignedTransaction);
  const unsigned = readTransaction(value, path, "stripped");
  const signed = unsigned.inputs.findIndex(({ scriptSig }) => scriptSig.length > 0);
  // [REFUSE psbt_signed] scripts of inputs belong into the maps
  if (signed >= 0) throw new Refusal("psbt_signed", `${path}/inputs/${signed}`);
  return unsigned;
}

/** The value of a field that must be there. */
export function required({ values, path }: PsbtMap, type: number): Uint8Array {
  const value = values.get(type);
  // [REFUSE psbt_missing_field] a field that the version requires
  if (value === undefined) throw new Refusal("psbt_missing_field", path);
  return value;
}

/** A field of 32 bits. */
export function wordIn(map: PsbtMap, type: number): number {
  const value = required(map, type);
  if (value.length !== 4) throw new Refusal("psbt_field", map.path);
  return cursorOf(value, map.path).u32();
}

/** A field of 32 bits; undefined where it is absent. */
export const optionalWordIn = (map: PsbtMap, type: number): number | undefined =>
  map.values.has(type) ? wordIn(map, type) : undefined;

/** A field that is a CompactSize. */
function sizeIn(map: PsbtMap, type: number): number {
  const cursor = cursorOf(required(map, type), map.path);
  const size = cursor.size(MAX_FIELDS);
  cursor.end();
  return size;
}

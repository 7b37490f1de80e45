/** The fields of PSBTs that are known, by map and version (BIP 174, 370, 371, 372, 373, 375, 353). */

/** Lengths of the data in a field's key; null: any. */
type KeyLengths = readonly number[] | null;

/** Of one map: the lengths of each type that is allowed. */
export type FieldTable = ReadonlyMap<number, KeyLengths>;

const NONE: KeyLengths = [0];
const PUBLIC_KEY: KeyLengths = [33, 65];
const COMPRESSED: KeyLengths = [33];
const X_ONLY: KeyLengths = [32];

/** Fields of a PSBT's maps, by their types. */
export const FIELD = {
  unsignedTransaction: 0x00,
  version: 0xfb,
  transactionVersion: 0x02,
  fallbackLocktime: 0x03,
  inputCount: 0x04,
  outputCount: 0x05,
  modifiable: 0x06,
  nonWitnessUtxo: 0x00,
  witnessUtxo: 0x01,
  sighash: 0x03,
  redeemScript: 0x04,
  finalScriptSig: 0x07,
  finalWitness: 0x08,
  previousTxid: 0x0e,
  outputIndex: 0x0f,
  sequence: 0x10,
  timeLocktime: 0x11,
  heightLocktime: 0x12,
  outputAmount: 0x03,
  outputScript: 0x04,
} as const;

const PROPRIETARY = [0xfc, null] as const;

const GLOBAL_BOTH = [[0x01, [78]], [0x09, NONE], [FIELD.version, NONE], PROPRIETARY] as const;
const GLOBAL_V0 = [[FIELD.unsignedTransaction, NONE]] as const;
const GLOBAL_V2 = [
  [FIELD.transactionVersion, NONE],
  [FIELD.fallbackLocktime, NONE],
  [FIELD.inputCount, NONE],
  [FIELD.outputCount, NONE],
  [FIELD.modifiable, NONE],
  [0x07, COMPRESSED],
  [0x08, COMPRESSED],
] as const;

const INPUT_BOTH = [
  [FIELD.nonWitnessUtxo, NONE],
  [FIELD.witnessUtxo, NONE],
  [0x02, PUBLIC_KEY],
  [FIELD.sighash, NONE],
  [FIELD.redeemScript, NONE],
  [0x05, NONE],
  [0x06, PUBLIC_KEY],
  [FIELD.finalScriptSig, NONE],
  [FIELD.finalWitness, NONE],
  [0x09, NONE],
  [0x0a, [20]],
  [0x0b, [32]],
  [0x0c, [20]],
  [0x0d, [32]],
  [0x13, NONE],
  [0x14, [64]],
  [0x15, null],
  [0x16, X_ONLY],
  [0x17, NONE],
  [0x18, NONE],
  [0x19, COMPRESSED],
  [0x1a, COMPRESSED],
  [0x1b, [66, 98]],
  [0x1c, [66, 98]],
  PROPRIETARY,
] as const;
const INPUT_V2 = [
  [FIELD.previousTxid, NONE],
  [FIELD.outputIndex, NONE],
  [FIELD.sequence, NONE],
  [FIELD.timeLocktime, NONE],
  [FIELD.heightLocktime, NONE],
  [0x1d, COMPRESSED],
  [0x1e, COMPRESSED],
  [0x1f, COMPRESSED],
  [0x20, NONE],
] as const;

const OUTPUT_BOTH = [
  [0x00, NONE],
  [0x01, NONE],
  [0x02, PUBLIC_KEY],
  [0x05, NONE],
  [0x06, NONE],
  [0x07, X_ONLY],
  [0x08, COMPRESSED],
  [0x35, NONE],
  PROPRIETARY,
] as const;
const OUTPUT_V2 = [
  [FIELD.outputAmount, NONE],
  [FIELD.outputScript, NONE],
  [0x09, NONE],
  [0x0a, NONE],
] as const;

/** The global fields of either version: which one it is, is among them. */
export const GLOBAL_FIELDS: FieldTable = new Map<number, KeyLengths>([
  ...GLOBAL_BOTH,
  ...GLOBAL_V0,
  ...GLOBAL_V2,
]);

/** The fields of a version, by map. */
export const FIELDS: Readonly<
  Record<0 | 2, Readonly<Record<"global" | "input" | "output", FieldTable>>>
> = {
  0: {
    global: new Map<number, KeyLengths>([...GLOBAL_BOTH, ...GLOBAL_V0]),
    input: new Map<number, KeyLengths>(INPUT_BOTH),
    output: new Map<number, KeyLengths>(OUTPUT_BOTH),
  },
  2: {
    global: new Map<number, KeyLengths>([...GLOBAL_BOTH, ...GLOBAL_V2]),
    input: new Map<number, KeyLengths>([...INPUT_BOTH, ...INPUT_V2]),
    output: new Map<number, KeyLengths>([...OUTPUT_BOTH, ...OUTPUT_V2]),
  },
};

/** Recognises the forms of output scripts that pay, and writes those that addresses stand for. */

/** Form of an output's script; `witness_unknown` is a witness program without rules, `unknown` any other script. */
export type OutputKind =
  | "p2pk"
  | "p2pkh"
  | "p2sh"
  | "p2wpkh"
  | "p2wsh"
  | "p2tr"
  | "op_return"
  | "witness_unknown"
  | "unknown";

/** A witness program: its version, 0 to 16, and its 2 to 40 bytes. */
export type WitnessProgram = Readonly<{ version: number; program: Uint8Array }>;

const OP = {
  PUSH_20: 0x14,
  PUSH_32: 0x20,
  PUSH_33: 0x21,
  PUSH_65: 0x41,
  OP_1: 0x51,
  OP_16: 0x60,
  RETURN: 0x6a,
  DUP: 0x76,
  EQUAL: 0x87,
  EQUALVERIFY: 0x88,
  HASH160: 0xa9,
  CHECKSIG: 0xac,
} as const;

const HASH_BYTES = 20;
const KEY_HASH_BYTES = 25;
const SCRIPT_HASH_BYTES = 23;

/** Writes the script of a public key's hash. */
export const p2pkhScript = (hash: Uint8Array): Uint8Array =>
  Uint8Array.of(OP.DUP, OP.HASH160, OP.PUSH_20, ...hash, OP.EQUALVERIFY, OP.CHECKSIG);

/** Writes the script of a script's hash. */
export const p2shScript = (hash: Uint8Array): Uint8Array =>
  Uint8Array.of(OP.HASH160, OP.PUSH_20, ...hash, OP.EQUAL);

/** Writes the script of a witness program. */
export const witnessScript = ({ version, program }: WitnessProgram): Uint8Array =>
  Uint8Array.of(version === 0 ? 0 : OP.OP_1 - 1 + version, program.length, ...program);

/** The hash in a `p2pkh` script. */
export const keyHashIn = (script: Uint8Array): Uint8Array | undefined =>
  script.length === KEY_HASH_BYTES &&
  script[0] === OP.DUP &&
  script[1] === OP.HASH160 &&
  script[2] === OP.PUSH_20 &&
  script[23] === OP.EQUALVERIFY &&
  script[24] === OP.CHECKSIG
    ? script.subarray(3, 3 + HASH_BYTES)
    : undefined;

/** The hash in a `p2sh` script. */
export const scriptHashIn = (script: Uint8Array): Uint8Array | undefined =>
  script.length === SCRIPT_HASH_BYTES &&
  script[0] === OP.HASH160 &&
  script[1] === OP.PUSH_20 &&
  script[22] === OP.EQUAL
    ? script.subarray(2, 2 + HASH_BYTES)
    : undefined;

/** The witness program that a script is (BIP 141): a version, and one push of 2 to 40 bytes. */
export function witnessProgramIn(script: Uint8Array): WitnessProgram | undefined {
  const [first = -1, length = -1] = script;
  if (length < 2 || length > 40 || script.length !== length + 2) return undefined;
  if (first === 0) return { version: 0, program: script.subarray(2) };
  if (first < OP.OP_1 || first > OP.OP_16) return undefined;
  return { version: first - OP.OP_1 + 1, program: script.subarray(2) };
}

/** The form of a witness program. */
export function kindOfProgram({ version, program }: WitnessProgram): OutputKind {
  if (version === 0 && program.length === 20) return "p2wpkh";
  if (version === 0 && program.length === 32) return "p2wsh";
  return version === 1 && program.length === 32 ? "p2tr" : "witness_unknown";
}

/** The form of a script. */
export function kindOf(script: Uint8Array): OutputKind {
  const program = witnessProgramIn(script);
  if (program !== undefined) return kindOfProgram(program);
  if (keyHashIn(script) !== undefined) return "p2pkh";
  if (scriptHashIn(script) !== undefined) return "p2sh";
  if (script[0] === OP.RETURN) return "op_return";
  return isKey(script) ? "p2pk" : "unknown";
}

/** A push of a public key with the right first byte, and a check of its signature. */
function isKey(script: Uint8Array): boolean {
  const [push, prefix = 0] = script;
  if (script[script.length - 1] !== OP.CHECKSIG) return false;
  if (push === OP.PUSH_33) return script.length === 35 && (prefix === 2 || prefix === 3);
  return (
    push === OP.PUSH_65 && script.length === 67 && (prefix === 4 || prefix === 6 || prefix === 7)
  );
}

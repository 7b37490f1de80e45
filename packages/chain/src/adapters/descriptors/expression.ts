/** Script expressions of descriptors (BIP 380 to 386): the forms whose scripts are derived here. */
import {
  type KeyExpression,
  type KeyFault,
  type KeyNetwork,
  type KeyOptions,
  readKey,
} from "./keys.js";
import {
  hash160Of,
  multisigScript,
  p2pkhScript,
  p2shScript,
  p2trScript,
  p2wpkhScript,
  p2wshScript,
} from "./scripts.js";
import { type Point, writePoint } from "./secp256k1.js";

/** A descriptor that was read. */
export type Expression = Readonly<{
  isRanged: boolean;
  /** The output's script at an index; undefined where a key has none there. */
  scriptAt: (index: number) => Uint8Array | undefined;
}>;

/** Why a descriptor cannot be used. */
export type ExpressionFault = KeyFault | "unsupported";

const CALL = /^([a-z]+)\((.*)\)$/s;
const MAX_KEYS = 16;
/** Keys of a bare script in P2SH: its bytes fit one push. */
const MAX_SH_KEYS = 15;

type Wrap = (script: Uint8Array) => Uint8Array;
type Networks = ReadonlySet<KeyNetwork> | undefined;

/**
 * Reads a descriptor without its checksum.
 *
 * @param networks of extended keys; undefined: all
 */
export function readExpression(text: string, networks?: Networks): Expression | ExpressionFault {
  const [name, inner] = callOf(text);
  switch (name) {
    case "pkh":
      return single(inner, (key) => p2pkhScript(hash160Of(writePoint(key))), { networks });
    case "wpkh":
      return single(inner, wpkh, { networks });
    case "tr":
      if (inner.includes(",")) return "unsupported";
      return single(inner, p2trScript, { networks, isXOnly: true });
    case "wsh":
      return multisig(inner, { wrap: p2wshScript, most: MAX_KEYS, networks });
    case "sh":
      return readNested(inner, networks);
    default:
      return "unsupported";
  }
}

const wpkh = (key: Point): Uint8Array => p2wpkhScript(hash160Of(writePoint(key)));
const nested: Wrap = (script) => p2shScript(hash160Of(script));

function readNested(text: string, networks: Networks): Expression | ExpressionFault {
  const [name, inner] = callOf(text);
  if (name === "wpkh") return single(inner, (key) => nested(wpkh(key)), { networks });
  if (name === "wsh") {
    const wrap: Wrap = (script) => nested(p2wshScript(script));
    return multisig(inner, { wrap, most: MAX_KEYS, networks });
  }
  return multisig(text, { wrap: nested, most: MAX_SH_KEYS, networks });
}

function callOf(text: string): readonly [string, string] {
  const [, name = "", inner = ""] = CALL.exec(text) ?? [];
  return [name, inner];
}

function single(
  text: string,
  scriptOf: (key: Point) => Uint8Array | undefined,
  options: KeyOptions,
): Expression | ExpressionFault {
  const key = readKey(text, options);
  if (typeof key === "string") return key;
  return {
    isRanged: key.isRanged,
    scriptAt: (index) => {
      const point = key.at(index);
      return point && scriptOf(point);
    },
  };
}

type Multisig = Readonly<{ wrap: Wrap; most: number; networks: Networks }>;

function multisig(text: string, { wrap, most, networks }: Multisig): Expression | ExpressionFault {
  const [name, inner] = callOf(text);
  if (name !== "multi" && name !== "sortedmulti") return "unsupported";
  const [count = "", ...texts] = inner.split(",");
  const needed = /^[1-9]\d?$/.test(count) ? Number(count) : 0;
  if (needed === 0 || texts.length > most || needed > texts.length) return "unsupported";
  const keys: KeyExpression[] = [];
  for (const one of texts) {
    const key = readKey(one, { networks });
    if (typeof key === "string") return key;
    keys.push(key);
  }
  return {
    isRanged: keys.some(({ isRanged }) => isRanged),
    scriptAt: (index) => {
      const points = keys.map((key) => key.at(index));
      if (!points.every((point) => point !== undefined)) return undefined;
      const written = points.map(writePoint);
      if (name === "sortedmulti") written.sort((a, b) => Buffer.compare(a, b));
      return wrap(multisigScript(needed, written));
    },
  };
}

/** Key expressions of descriptors (BIP 380), public ones alone: a key, or an extended key with a path. */
import { createHash, createHmac } from "node:crypto";
import { base58 } from "@scure/base";
import type { ChainParameters } from "../../parameters.js";
import { addTweak, liftX, type Point, readPoint, writePoint } from "./secp256k1.js";

/** A key of a descriptor. */
export type KeyExpression = Readonly<{
  /** Whether it stands for one key for each index. */
  isRanged: boolean;
  /** The key at an index; undefined in the one of 2^127 cases where BIP 32 has none. */
  at: (index: number) => Point | undefined;
}>;

/** Why a key cannot be used. */
export type KeyFault = "private_key" | "hardened" | "other_network" | "unreadable";

/** Networks that extended keys are written for: `litecoin` is a spelling of some of its wallets. */
export type KeyNetwork = "main" | "test" | "litecoin";

const ORIGIN = /^\[[0-9a-f]{8}(?:\/(?:0|[1-9]\d{0,9})['h]?){0,10}\]/i;
const STEP = /^(?:0|[1-9]\d{0,9})$/;
const MAX_STEPS = 10;
const HARDENED = 0x8000_0000;
/** Version bytes of extended public keys: xpub, tpub, Ltub. DigiByte, Bitcoin and Litecoin share the first two. */
const PUBLIC_VERSIONS: ReadonlyMap<number, KeyNetwork> = new Map([
  [0x0488b21e, "main"],
  [0x043587cf, "test"],
  [0x019da462, "litecoin"],
]);
/** Of extended private keys, and of single ones, which are never read on. */
const PRIVATE = /^(?:[xtyzuv]prv|Ltpv)|^[59cKLTQ6][1-9A-HJ-NP-Za-km-z]{50,51}$/;
const EXTENDED_BYTES = 78;

/** The networks whose extended keys a chain's wallets write. */
export function keyNetworksOf({
  name,
  network,
}: Pick<ChainParameters, "name" | "network">): ReadonlySet<KeyNetwork> {
  if (network !== "main") return new Set(["test"]);
  return new Set(name === "litecoin" ? ["main", "litecoin"] : ["main"]);
}

/** How a key is read. */
export type KeyOptions = Readonly<{
  /** Whether 32 bytes are a key, as in `tr()`. */
  isXOnly?: boolean;
  /** Networks of extended keys; absent: all. */
  networks?: ReadonlySet<KeyNetwork> | undefined;
}>;

/** Reads a key expression. */
export function readKey(
  text: string,
  { isXOnly = false, networks }: KeyOptions = {},
): KeyExpression | KeyFault {
  const key = text.replace(ORIGIN, "");
  if (PRIVATE.test(key)) return "private_key";
  if (/^[0-9a-f]+$/i.test(key)) return fixedKey(Buffer.from(key, "hex"), isXOnly);
  const [extended = "", ...steps] = key.split("/");
  const root = readExtended(extended);
  if (root === undefined || steps.length > MAX_STEPS) return "unreadable";
  if (networks?.has(root.network) === false) return "other_network";
  if (steps.some((step) => /['h]$/.test(step))) return "hardened";
  const isRanged = steps.at(-1) === "*";
  const fixed = isRanged ? steps.slice(0, -1) : steps;
  if (!fixed.every((step) => STEP.test(step) && Number(step) < HARDENED)) return "unreadable";
  let parent: ExtendedKey | undefined = root;
  for (const step of fixed) parent = parent && childOf(parent, Number(step));
  if (parent === undefined) return "unreadable";
  const base = parent;
  return { isRanged, at: isRanged ? (index) => childOf(base, index)?.point : () => base.point };
}

function fixedKey(bytes: Uint8Array, isXOnly: boolean): KeyExpression | KeyFault {
  const point = isXOnly && bytes.length === 32 ? liftX(bytes) : readPoint(bytes);
  return point === undefined ? "unreadable" : { isRanged: false, at: () => point };
}

type ExtendedKey = Readonly<{ point: Point; chainCode: Uint8Array }>;
type RootKey = ExtendedKey & Readonly<{ network: KeyNetwork }>;

function readExtended(text: string): RootKey | undefined {
  let bytes: Uint8Array;
  try {
    bytes = base58.decode(text);
  } catch {
    return undefined;
  }
  const payload = bytes.subarray(0, EXTENDED_BYTES);
  const checksum = sha256(sha256(payload)).subarray(0, 4);
  if (bytes.length !== EXTENDED_BYTES + 4) return undefined;
  if (Buffer.compare(checksum, bytes.subarray(EXTENDED_BYTES)) !== 0) return undefined;
  const version = new DataView(payload.buffer, payload.byteOffset).getUint32(0);
  const point = readPoint(payload.subarray(45));
  const network = PUBLIC_VERSIONS.get(version);
  if (network === undefined || point === undefined) return undefined;
  return { point, chainCode: payload.slice(13, 45), network };
}

/** A public child (BIP 32). */
function childOf({ point, chainCode }: ExtendedKey, index: number): ExtendedKey | undefined {
  const number = Buffer.alloc(4);
  number.writeUInt32BE(index);
  const both = createHmac("sha512", chainCode).update(writePoint(point)).update(number).digest();
  const child = addTweak(point, both.subarray(0, 32));
  return child && { point: child, chainCode: both.subarray(32) };
}

const sha256 = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

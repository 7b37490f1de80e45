/** Derives the scripts that are a wallet's own from its public output descriptors. */
import { parseOwn } from "@dgb-shield/contract";
import { z } from "zod";
import type { ChainParameters } from "../../parameters.js";
import { checksumOf } from "./checksum.js";
import { type Expression, type ExpressionFault, readExpression } from "./expression.js";
import { type KeyNetwork, keyNetworksOf } from "./keys.js";

/** Scripts of all descriptors together, where no other bound is given. */
const MAX_SCRIPTS = 200_000;
const MAX_DESCRIPTORS = 10_000;
const MAX_TEXT = 4_096;
/** The range of a descriptor that states none, as wallets of Bitcoin Core begin. */
const DEFAULT_RANGE = [0, 999] as const;
const MAX_INDEX = 0x7fff_ffff;

const index = z.int().min(0).max(MAX_INDEX);
const entrySchema = z.union([
  z.string().max(MAX_TEXT),
  z.looseObject({
    desc: z.string().max(MAX_TEXT),
    range: z.union([index, z.tuple([index, index])]).optional(),
  }),
]);
const listSchema = z.array(entrySchema).min(1).max(MAX_DESCRIPTORS);
const fileSchema = z.union([listSchema, z.looseObject({ descriptors: listSchema })]);

const FAULTS: Readonly<Record<ExpressionFault, string>> = {
  private_key: "it has a private key: give the public descriptor",
  hardened: "hardened steps cannot be derived from a public key: give the key behind them",
  other_network: "a key is of another chain or network: give the descriptor of this one",
  unreadable: "a key cannot be read",
  unsupported:
    "only pkh, wpkh, sh(wpkh), tr with a key alone, and multi or sortedmulti in sh, wsh, sh(wsh) are proven",
};

/** How scripts are derived. */
export type DescriptorOptions = Readonly<{
  /** Whose extended keys alone count; absent: those of every known chain. */
  chain?: Pick<ChainParameters, "name" | "network">;
  /** Scripts of all descriptors together at most: 200,000. */
  maxScripts?: number;
}>;

/** Which descriptor cannot be used (`path`, a JSON Pointer), and why (`detail`, never with its text). */
export type DescriptorFault = Readonly<{ ok: false; path: string; detail: string }>;

/** The wallet's own scripts, lower-case hexadecimal. */
export type OwnScripts = Readonly<{ ok: true; value: ReadonlySet<string> }> | DescriptorFault;

/** Ends the derivation; never leaves this subpath. */
class Fault extends Error {
  readonly path: string;
  readonly detail: string;

  constructor(path: string, detail: string) {
    super(detail);
    this.path = path;
    this.detail = detail;
  }
}

/**
 * Derives the wallet's own scripts. Indexes beyond a range are not its own: no wallet would find coins there.
 *
 * @param input a list of descriptors, of `{desc, range}`, or the answer of `listdescriptors`; public keys alone
 * @returns the scripts, or the first descriptor that cannot be used; never throws
 * @example deriveOwnScripts([{ desc: "wpkh(xpub…/1/*)#…", range: [0, 999] }], { chain: digibyte })
 */
export function deriveOwnScripts(input: unknown, options: DescriptorOptions = {}): OwnScripts {
  const read = readDescriptors(input, options);
  if (!read.ok) return read;
  const scripts = new Set<string>();
  for (const { expression, from, to } of read.value) {
    for (let number = from; number <= to; number++) {
      const script = expression.scriptAt(number);
      if (script !== undefined) scripts.add(Buffer.from(script).toString("hex"));
    }
  }
  return Object.freeze({ ok: true, value: scripts });
}

/**
 * Finds out whether {@link deriveOwnScripts} takes descriptors, without the work of deriving.
 *
 * @returns the first descriptor that cannot be used, and why; null where all can
 */
export function descriptorFault(
  input: unknown,
  options: DescriptorOptions = {},
): DescriptorFault | null {
  const read = readDescriptors(input, options);
  return read.ok ? null : read;
}

type Ranged = Readonly<{ expression: Expression; from: number; to: number }>;
type Read = Readonly<{ ok: true; value: readonly Ranged[] }> | DescriptorFault;

function readDescriptors(
  input: unknown,
  { chain, maxScripts = MAX_SCRIPTS }: DescriptorOptions,
): Read {
  try {
    const networks = chain === undefined ? undefined : keyNetworksOf(chain);
    return { ok: true, value: rangesOf(input, networks, maxScripts) };
  } catch (error) {
    const { path, detail } =
      error instanceof Fault ? error : new Fault("", "it cannot be read: give plain values");
    return Object.freeze({ ok: false, path, detail });
  }
}

function rangesOf(
  input: unknown,
  networks: ReadonlySet<KeyNetwork> | undefined,
  maxScripts: number,
): readonly Ranged[] {
  const read = parseOwn(fileSchema, input, { maxDepth: 5, maxEntries: MAX_DESCRIPTORS });
  if (!read.ok) throw new Fault(read.path, "it is no list of descriptors");
  const list = Array.isArray(read.value) ? read.value : read.value.descriptors;
  let count = 0;
  return list.map((entry, at) => {
    const { desc, range } = typeof entry === "string" ? { desc: entry, range: undefined } : entry;
    const expression = expressionOf(desc, networks, `/${at}`);
    const [from, to] = expression.isRanged ? rangeOf(range) : ([0, 0] as const);
    count += to - from + 1;
    if (to < from || count > maxScripts) {
      throw new Fault(`/${at}/range`, `give a range of at most ${maxScripts} scripts in all`);
    }
    return { expression, from, to };
  });
}

function rangeOf(range: number | readonly [number, number] | undefined): readonly [number, number] {
  if (range === undefined) return DEFAULT_RANGE;
  return typeof range === "number" ? [0, range] : range;
}

function expressionOf(
  text: string,
  networks: ReadonlySet<KeyNetwork> | undefined,
  path: string,
): Expression {
  const [body = "", checksum, ...more] = text.split("#");
  if (checksum !== undefined && (more.length > 0 || checksumOf(body) !== checksum)) {
    throw new Fault(path, "its checksum is wrong");
  }
  const expression = readExpression(body, networks);
  if (typeof expression === "string") throw new Fault(path, FAULTS[expression]);
  return expression;
}

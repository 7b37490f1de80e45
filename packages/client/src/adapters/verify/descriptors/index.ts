/** The scripts that are the wallet's own, derived from public output descriptors. */
import { parseOwn } from "@dgb-shield/contract";
import { z } from "zod";
import { Refusal } from "../codes.js";
import { checksumOf } from "./checksum.js";
import { type Expression, type ExpressionFault, readExpression } from "./expression.js";

/** Scripts of all descriptors together at most. */
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
  unreadable: "a key cannot be read",
  unsupported:
    "only pkh, wpkh, sh(wpkh), tr with a key alone, and multi or sortedmulti in sh, wsh, sh(wsh) are proven",
};

/** The wallet's own scripts. */
export type OwnScripts = Readonly<{
  /** Whether a script, as lower-case hexadecimal text, is one of them. */
  has(script: string): boolean;
  count: number;
}>;

/**
 * Derives the wallet's own scripts. Indexes beyond a range are not its own: no wallet would find coins there.
 *
 * @param input a list of descriptors, of `{desc, range}`, or the answer of `listdescriptors`; public keys alone
 * @throws Refusal `descriptors_invalid` with the place
 */
export function deriveOwnScripts(input: unknown): OwnScripts {
  const read = parseOwn(fileSchema, input, { maxDepth: 5, maxEntries: MAX_DESCRIPTORS });
  if (!read.ok) throw invalid(read.path, "it is no list of descriptors");
  const list = Array.isArray(read.value) ? read.value : read.value.descriptors;
  const scripts = new Set<string>();
  list.forEach((entry, at) => {
    const { desc, range } = typeof entry === "string" ? { desc: entry, range: undefined } : entry;
    const expression = expressionOf(desc, `/${at}`);
    const [from, to] = expression.isRanged ? rangeOf(range) : ([0, 0] as const);
    if (to < from || scripts.size + (to - from) >= MAX_SCRIPTS) {
      throw invalid(`/${at}/range`, `give a range of at most ${MAX_SCRIPTS} scripts in all`);
    }
    for (let number = from; number <= to; number++) {
      const script = expression.scriptAt(number);
      if (script !== undefined) scripts.add(Buffer.from(script).toString("hex"));
    }
  });
  return Object.freeze({ has: (script: string) => scripts.has(script), count: scripts.size });
}

function rangeOf(range: number | readonly [number, number] | undefined): readonly [number, number] {
  if (range === undefined) return DEFAULT_RANGE;
  return typeof range === "number" ? [0, range] : range;
}

function expressionOf(text: string, path: string): Expression {
  const [body = "", checksum, ...more] = text.split("#");
  if (checksum !== undefined && (more.length > 0 || checksumOf(body) !== checksum)) {
    throw invalid(path, "its checksum is wrong");
  }
  const expression = readExpression(body);
  if (typeof expression === "string") throw invalid(path, FAULTS[expression]);
  return expression;
}

// [REFUSE descriptors_invalid] a form that is not proven, a private key, a wrong checksum
const invalid = (path: string, detail: string) => new Refusal("descriptors_invalid", path, detail);

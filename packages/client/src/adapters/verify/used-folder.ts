/** Keeps used tokens in a folder: for each payment numbered files, each made whole and at once. */
import { createHash, randomBytes } from "node:crypto";
import { link, open, readFile, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import {
  hash256Schema,
  idSchema,
  parseOwn,
  parseStrictJson,
  timeMsSchema,
} from "@dgb-shield/contract";
import { z } from "zod";
import { judgeUse, type TokenUse, type UsedTokens } from "./used.js";

/** Transactions of one payment at most. */
const MAX_USES = 64;
const MAX_INPUTS = 100_000;

const useSchema = z.strictObject({
  deployment_id: idSchema,
  payment_id: idSchema,
  token_id: z.string(),
  txid: hash256Schema,
  inputs: z.array(z.string()).min(1),
  at_ms: timeMsSchema,
});

/**
 * Creates the store in a folder that exists: one that was lost would have forgotten what was signed. Processes share it
 * without a lock: the next number of a payment goes to the one whose file is linked first.
 *
 * @param folder on a local disk, written by the signer alone
 * @example const used = createUsedFolder("/var/lib/signer/used");
 */
export function createUsedFolder(folder: string): UsedTokens {
  return Object.freeze({
    async use(use) {
      if (!(await stat(folder)).isDirectory()) throw new Error("not a folder");
      const name = nameOf(use);
      for (let count = 0; count < MAX_USES;) {
        const earlier = await usesOf(folder, name);
        count = earlier.length;
        const outcome = judgeUse(use, earlier);
        if (outcome !== "permitted") return outcome;
        if (await add(folder, `${name}.${count}`, use)) return outcome;
      }
      throw new Error("too many transactions of one payment");
    },
  } satisfies UsedTokens);
}

const nameOf = ({ deployment_id, payment_id }: TokenUse): string =>
  createHash("sha256")
    .update(JSON.stringify([deployment_id, payment_id]))
    .digest("hex");

/** All uses of a payment, by their numbers from 0 on without a gap. */
async function usesOf(folder: string, name: string): Promise<TokenUse[]> {
  const uses: TokenUse[] = [];
  for (let number = 0; number < MAX_USES; number++) {
    const text = await textOf(join(folder, `${name}.${number}`));
    if (text === undefined) break;
    const read = parseOwn(useSchema, parseStrictJson(text), {
      maxDepth: 2,
      maxEntries: MAX_INPUTS,
    });
    if (!read.ok) throw new Error(`${name}.${number} is damaged`);
    uses.push(read.value);
  }
  return uses;
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Makes a file whole, or not at all; false where another process was first. */
async function add(folder: string, name: string, use: TokenUse): Promise<boolean> {
  const draft = join(folder, `.${name}.${randomBytes(8).toString("hex")}`);
  try {
    const file = await open(draft, "wx", 0o600);
    try {
      await file.writeFile(`${JSON.stringify(use)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(draft, join(folder, name));
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    await unlink(draft).catch(() => undefined);
  }
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  return true;
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && "code" in error ? error.code : undefined;

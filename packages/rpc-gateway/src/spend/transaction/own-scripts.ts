/** Finds the outputs that leave nothing: those to scripts of the wallet itself, or of the site by configuration. */
import type { TransactionOutput } from "@dgb-shield/chain/decode";
import type { Checked } from "../../codes.js";
import { reading } from "./codes.js";
import type { TransactionContext } from "./context.js";
import { ask, memberOf, valueOf } from "./resolve-inputs.js";

/**
 * The scripts among outputs that are proven own. A wallet proves one by `getaddressinfo`: it can spend it, and names the
 * same script. Destinations of a class are never among them, since their class has limits of its own.
 */
export async function ownScripts(
  context: TransactionContext,
  outputs: readonly TransactionOutput[],
): Promise<ReadonlySet<string>> {
  const scripts = new Map<string, string>();
  const own = new Set<string>();
  for (const { script, address } of outputs) {
    if (context.isInternal(script)) continue;
    if (context.isOwn(script)) own.add(script);
    else if (address !== null) scripts.set(script, address);
  }
  if (!context.hasWallet) return own;
  const asked = [...scripts];
  const calls = asked.map(([, address]) => ({ method: "getaddressinfo", params: [address] }));
  const answers = await ask(context, calls);
  for (const [i, [script]] of asked.entries()) {
    if (isProven(valueOf(answers[i]), script)) own.add(script);
  }
  return own;
}

/** {@link ownScripts}, with a refusal where the node does not say. */
export const readOwnScripts = (
  context: TransactionContext,
  outputs: readonly TransactionOutput[],
): Promise<Checked<ReadonlySet<string>>> => reading(() => ownScripts(context, outputs));

const isProven = (info: unknown, script: string): boolean =>
  memberOf(info, "ismine") === true &&
  memberOf(info, "iswatchonly") !== true &&
  memberOf(info, "scriptPubKey") === script;

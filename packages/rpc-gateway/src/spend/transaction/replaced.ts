/** Finds the unconfirmed transactions that spend an input already: those that a new one replaces. */
import { decodeTransaction } from "@dgb-shield/chain/decode";
import type { Outpoint } from "../model.js";
import { refusal } from "./codes.js";
import type { TransactionContext } from "./context.js";
import { ask, memberOf, valueOf } from "./resolve-inputs.js";

const METHOD_NOT_FOUND = -32_601;
/** Most unconfirmed transactions that are looked through, where the node has no index of what they spend. */
const MAX_MEMPOOL = 5_000;
const TXID = /^[0-9a-f]{64}$/;

/**
 * Lists the ids of unconfirmed transactions that spend one of the inputs.
 *
 * @param own the transaction's id: one that is broadcast again does not replace itself
 */
export async function replacedBy(
  context: TransactionContext,
  inputs: readonly Outpoint[],
  own: string,
): Promise<readonly string[]> {
  const calls = inputs.map(({ txid, vout }) => ({
    method: "gettxout",
    params: [txid, vout, true],
  }));
  const answers = await ask(context, calls);
  const taken = inputs.filter((_, i) => (valueOf(answers[i]) ?? null) === null);
  if (taken.length === 0) return [];
  const spenders = (await byIndex(context, taken)) ?? (await byMempool(context, taken));
  return [...spenders].filter((txid) => txid !== own).sort();
}

/** By `gettxspendingprevout`, from Bitcoin Core 24 on; undefined where the node does not have it. */
async function byIndex(
  context: TransactionContext,
  taken: readonly Outpoint[],
): Promise<Set<string> | undefined> {
  const params = [taken.map(({ txid, vout }) => ({ txid, vout }))];
  const [answer] = await ask(context, [{ method: "gettxspendingprevout", params }]);
  if (answer?.ok === false && answer.failure.code === METHOD_NOT_FOUND) return undefined;
  const list = valueOf(answer);
  // [REFUSE replaced_unknown] what is replaced must be known, or a second payment could look like the first
  if (!Array.isArray(list) || list.length !== taken.length) throw refusal("replaced_unknown");
  const ids = list.map((one) => memberOf(one, "spendingtxid")).filter((id) => id !== undefined);
  if (ids.some((id) => typeof id !== "string" || !TXID.test(id))) throw refusal("node_unreadable");
  return new Set(ids as string[]);
}

/** By all unconfirmed transactions. */
async function byMempool(
  context: TransactionContext,
  taken: readonly Outpoint[],
): Promise<Set<string>> {
  const [answer] = await ask(context, [{ method: "getrawmempool" }]);
  const txids = valueOf(answer);
  if (!Array.isArray(txids) || txids.length > MAX_MEMPOOL) throw refusal("replaced_unknown");
  const calls = txids.map((txid: unknown) => ({ method: "getrawtransaction", params: [txid] }));
  const wanted = new Set(taken.map(({ txid, vout }) => `${txid}:${vout}`));
  const spenders = new Set<string>();
  for (const one of await ask(context, calls)) {
    // One that left the mempool meanwhile replaces nothing any more.
    const raw = valueOf(one);
    const decoded = typeof raw === "string" ? decodeTransaction(context.chain, raw) : undefined;
    if (decoded === undefined) continue;
    // One that cannot be read may be the spender, unless it is of an extension block alone.
    if (!decoded.ok) throw refusal("replaced_unknown");
    const { inputs, txid } = decoded.value;
    if (inputs.some((input) => wanted.has(`${input.txid}:${input.vout}`))) spenders.add(txid);
  }
  return spenders;
}

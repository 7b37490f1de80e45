/** Finds what inputs spend: by previous transactions, which prove it by their hash, or by the node's coins. */
import { parseAmount } from "@dgb-shield/contract";
import { decodeTransaction, type DecodedTransaction } from "@dgb-shield/chain/decode";
import {
  RPC_IN_WARMUP,
  type RpcCall,
  type RpcFailure,
  type RpcResult,
} from "@dgb-shield/chain/rpc";
import type { Outpoint } from "../model.js";
import { refusal } from "./codes.js";
import type { TransactionContext } from "./context.js";

/** What an input spends. */
export type SpentOutput = Readonly<{ amount: bigint; script: string }>;

/** Most inputs of a transaction: more than fit into one of standard size with signatures. */
const MAX_INPUTS = 2_500;

/** The wallet is not loaded: after a restart, a node that has it still may not know it yet. */
export const WALLET_NOT_FOUND = -18;

/** Calls of one request: a node executes them one after the other. */
const CHUNK = 200;

/** Asks the node several questions; a failure that says nothing of the question itself ends the decoder. */
export async function ask(
  { node }: TransactionContext,
  calls: readonly RpcCall[],
): Promise<RpcResult[]> {
  const answers: RpcResult[] = [];
  for (let from = 0; from < calls.length; from += CHUNK) {
    answers.push(...(await node.batch(calls.slice(from, from + CHUNK))));
  }
  for (const answer of answers) {
    if (answer.ok || isAboutTheQuestion(answer.failure)) continue;
    // node_unreadable: no answer of JSON-RPC, or one that contradicts itself
    if (answer.failure.kind === "garbage") throw refusal("node_unreadable");
    // node_unavailable: connection, time-out, password, work queue, start of the node or of its wallet
    throw refusal("node_unavailable");
  }
  return answers;
}

/** Whether a failure answers the question. A node or wallet that is starting says nothing of what it will know. */
const isAboutTheQuestion = ({ kind, code }: RpcFailure): boolean =>
  kind === "rpc" && code !== RPC_IN_WARMUP && code !== WALLET_NOT_FOUND;

/**
 * Finds what each input spends, in their order.
 *
 * @param known transactions that need not be asked for, by id: those of the same package
 */
export async function resolveInputs(
  context: TransactionContext,
  inputs: readonly Outpoint[],
  known: ReadonlyMap<string, DecodedTransaction> = new Map(),
): Promise<readonly SpentOutput[]> {
  // [REFUSE inputs_too_many] each costs the node a look-up
  if (inputs.length > MAX_INPUTS) throw refusal("inputs_too_many");
  const missing = [...new Set(inputs.map(({ txid }) => txid))].filter((txid) => !known.has(txid));
  const previous = new Map([...known, ...(await fromNode(context, missing))]);
  const coins = await fromCoins(
    context,
    inputs.filter(({ txid }) => !previous.has(txid)),
  );
  const left = inputs.filter((one) => !previous.has(one.txid) && !coins.has(keyOf(one)));
  for (const [txid, one] of await fromWallet(context, left)) previous.set(txid, one);
  return inputs.map((input) => {
    const spent = previous.get(input.txid)?.outputs[input.vout] ?? coins.get(keyOf(input));
    // [REFUSE input_unresolved] neither mempool, index, coins nor wallet know it
    if (spent === undefined) throw refusal("input_unresolved");
    // [REFUSE input_valueless] what carries no amount of the coin may carry an asset
    if (spent.amount === 0n) throw refusal("input_valueless");
    return { amount: spent.amount, script: spent.script };
  });
}

const keyOf = ({ txid, vout }: Outpoint): string => `${txid}:${vout}`;

type Found = Map<string, DecodedTransaction>;

/** From the mempool, and of a node with an index from any block. */
async function fromNode(context: TransactionContext, txids: readonly string[]): Promise<Found> {
  const calls = txids.map((txid) => ({ method: "getrawtransaction", params: [txid] }));
  const answers = await ask(context, calls);
  return decodedBy(context, txids, (i) => valueOf(answers[i]));
}

/** From the wallet, which keeps what concerns it. */
async function fromWallet(context: TransactionContext, of: readonly Outpoint[]): Promise<Found> {
  if (!context.hasWallet) return new Map();
  const txids = [...new Set(of.map(({ txid }) => txid))];
  const calls = txids.map((txid) => ({ method: "gettransaction", params: [txid, true] }));
  const answers = await ask(context, calls);
  return decodedBy(context, txids, (i) => memberOf(valueOf(answers[i]), "hex"));
}

/** A previous transaction counts only where it hashes to the id that was asked for. */
function decodedBy(
  { chain }: TransactionContext,
  txids: readonly string[],
  rawOf: (index: number) => unknown,
): Found {
  const found: Found = new Map();
  for (const [i, txid] of txids.entries()) {
    const raw = rawOf(i);
    const decoded = typeof raw === "string" ? decodeTransaction(chain, raw) : undefined;
    if (decoded?.ok === true && decoded.value.txid === txid) found.set(txid, decoded.value);
  }
  return found;
}

/** From the coins of the best chain, spent by an unconfirmed transaction or not. */
async function fromCoins(
  context: TransactionContext,
  of: readonly Outpoint[],
): Promise<Map<string, SpentOutput>> {
  const calls = of.map(({ txid, vout }) => ({ method: "gettxout", params: [txid, vout, false] }));
  const answers = await ask(context, calls);
  const coins = new Map<string, SpentOutput>();
  for (const [i, outpoint] of of.entries()) {
    const coin = valueOf(answers[i]);
    const amount = amountOf(memberOf(coin, "value"));
    const script = memberOf(memberOf(coin, "scriptPubKey"), "hex");
    if (amount !== undefined && typeof script === "string") {
      coins.set(keyOf(outpoint), { amount, script });
    }
  }
  return coins;
}

/** Base units of a node's number, where no other amount is written alike. */
function amountOf(given: unknown): bigint | undefined {
  try {
    return typeof given === "number" ? parseAmount(given) : undefined;
  } catch {
    return undefined;
  }
}

/** What a call returned; undefined where it failed. */
export const valueOf = (answer: RpcResult | undefined): unknown =>
  answer?.ok === true ? answer.value : undefined;

/** A member of an object; undefined of anything else. */
export const memberOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;

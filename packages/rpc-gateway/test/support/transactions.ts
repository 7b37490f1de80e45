/** Builds and changes transactions for the decoders' tests, at a real node. */
import { litecoinRegtest } from "@dgb-shield/chain";
import { createNodeRpc, type NodeRpc, type RpcResult } from "@dgb-shield/chain/rpc";
import type { TransactionContext } from "../../src/spend/transaction/context.js";
import { expect } from "vitest";
import { type FundedNode, walletCall } from "./site.js";

export const COIN = 100_000_000n;

/** A client of a wallet at the node. */
export const clientOf = (node: Pick<FundedNode, "url" | "cookieFile">, wallet: string): NodeRpc =>
  createNodeRpc({ url: `${node.url}/wallet/${wallet}`, auth: { cookie_file: node.cookieFile } });

/** The context of a client of the wallet `hot`. */
export const contextOf = (
  node: Pick<NodeRpc, "batch">,
  changes: Partial<TransactionContext> = {},
): TransactionContext => ({
  chain: litecoinRegtest,
  node,
  hasWallet: true,
  isOwn: () => false,
  isInternal: () => false,
  maxFee: COIN / 10n,
  maxFeeRate: 1_000,
  ...changes,
});

/** A client whose answers to some methods are others. */
export const answering = (
  client: NodeRpc,
  answers: Readonly<Record<string, (params: readonly unknown[]) => RpcResult>>,
): Pick<NodeRpc, "batch"> => ({
  async batch(calls) {
    const real = await client.batch(calls);
    return calls.map(({ method, params = [] }, i) => answers[method]?.(params) ?? real[i]!);
  },
});

/** What a wallet builds and signs without sending it. */
export type Built = { hex: string; psbt: string; txid: string };

/** Builds a payment of the wallet `hot`. */
export async function built(
  node: FundedNode,
  outputs: unknown,
  options: Record<string, unknown> = {},
): Promise<Built> {
  const all = { add_to_wallet: false, fee_rate: 10, ...options };
  return (await walletCall(node, "hot", "send", [outputs, null, "unset", null, all])) as Built;
}

/** A transaction whose version, a script or an amount is another one; its signatures are void. */
export const replacedIn = (hex: string, from: string, to: string): string => {
  if (!hex.includes(from)) throw new Error("nothing to replace");
  return hex.replace(from, to);
};

/** The code of a refusal, whose text says what is wrong and what to do; `ok` where there is none. */
export async function codeOf(
  result: Promise<{ ok: true } | { ok: false; refusal: { code: string; text: string } }>,
): Promise<string> {
  const read = await result;
  if (read.ok) return "ok";
  expect(read.refusal.text).toMatch(/: .+; .|\. .+\./);
  return read.refusal.code;
}

/** An amount as it is on the wire. */
export function little(value: bigint): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes.toString("hex");
}

/** A short byte string with its length in front. */
export const pushed = (bytes: string): string =>
  `${(bytes.length / 2).toString(16).padStart(2, "0")}${bytes}`;

/** A coin of the wallet `hot` that is worth enough. */
export async function someCoin(node: FundedNode): Promise<{ txid: string; vout: number }> {
  const coins = (await walletCall(node, "hot", "listunspent", [])) as {
    txid: string;
    vout: number;
    amount: number;
  }[];
  const { txid, vout } = coins.find(({ amount }) => amount > 5)!;
  return { txid, vout };
}

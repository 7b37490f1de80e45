/** Finds payments in a wallet, by the comment that the gateway wrote or by their transaction. */
import { parseAmount } from "@dgb-shield/contract";
import { createNodeRpc, type NodeRpc } from "@dgb-shield/chain/rpc";
import { isCommentOf } from "../../spend/payment-id.js";
import type { GatewayPorts } from "./ports.js";
import { pathOf } from "./guard.js";

/** The gateway's own calls to the node. */
export type Questions = Readonly<{
  /** A client of the node at a wallet's path. */
  of(wallet: string | null): NodeRpc;
  close(): Promise<void>;
}>;

/** Makes the clients, one for each wallet. */
export function createQuestions({ url, auth }: GatewayPorts["node"], timeoutMs: number): Questions {
  const clients = new Map<string, NodeRpc>();
  const { origin } = new URL(url);
  return {
    of(wallet) {
      const path = pathOf(wallet);
      const known = clients.get(path);
      if (known !== undefined) return known;
      const made = createNodeRpc({
        url: origin + path,
        timeout_ms: timeoutMs,
        ...(auth !== undefined && { auth }),
      });
      clients.set(path, made);
      return made;
    },
    close: async () => {
      await Promise.all([...clients.values()].map((client) => client.close()));
    },
  };
}

/** A transaction of a wallet that pays. */
export type WalletEntry = Readonly<{
  txid: string;
  comment: unknown;
  address: unknown;
  /** Base units that leave; undefined where the node's number is no amount. */
  amount: bigint | undefined;
  time: number;
}>;

/** Transactions of a wallet, the newest first. */
export type WalletEntries = Readonly<{
  entries: readonly WalletEntry[];
  /** Whether they reach back to the wallet's first. */
  complete: boolean;
}>;

/** How far a wallet's clock may be behind the gateway's: a block may be dated two hours off. */
export const CLOCK_SLACK_MS = 7_200_000;

const PAGE = 500;

/**
 * Reads the newest payments of a wallet.
 *
 * @param most how many transactions are looked at
 * @returns undefined where the node did not answer
 */
export async function readPayments(rpc: NodeRpc, most: number): Promise<WalletEntries | undefined> {
  const entries: WalletEntry[] = [];
  for (let skip = 0; skip < most; skip += PAGE) {
    // A payment made meanwhile moves the older ones to a later page: some are read twice, none is missed.
    const page = await rpc.call("listtransactions", ["*", PAGE, skip, true]);
    if (!page.ok || !Array.isArray(page.value)) return undefined;
    for (const item of page.value as unknown[]) {
      const entry = readEntry(item);
      if (entry !== undefined) entries.push(entry);
    }
    if (page.value.length < PAGE) return { entries, complete: true };
  }
  return { entries, complete: false };
}

function readEntry(item: unknown): WalletEntry | undefined {
  if (typeof item !== "object" || item === null) return undefined;
  const { category, txid, comment, address, amount, time } = item as Record<string, unknown>;
  if (category !== "send" || typeof txid !== "string" || typeof time !== "number") return undefined;
  return { txid, comment, address, amount: unitsOf(amount), time };
}

/** Base units of an amount that leaves, which a node writes as negative. */
function unitsOf(amount: unknown): bigint | undefined {
  try {
    return typeof amount === "number" && amount <= 0 ? parseAmount(-amount) : undefined;
  } catch {
    return undefined;
  }
}

/** The transaction of a payment; a comment alone counts from a moment on. */
export const findPayment = (
  { entries }: WalletEntries,
  id: string,
  fromMs: number,
): string | undefined =>
  entries.find(({ comment, time }) => isCommentOf(comment, id) && time * 1_000 >= fromMs)?.txid;

/** The fee that a wallet paid; null where the node does not tell. */
export async function readFee(rpc: NodeRpc, txid: string): Promise<bigint | null> {
  const answer = await rpc.call("gettransaction", [txid, true]);
  if (!answer.ok || typeof answer.value !== "object" || answer.value === null) return null;
  return unitsOf((answer.value as Record<string, unknown>)["fee"]) ?? null;
}

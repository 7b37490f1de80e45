/** Names by which gateways hold claims: they say of which wallet, and which attempt or transaction it is. */
import { createHash } from "node:crypto";

const SIGNER = "gateway:";
/** Begins the handle of a payment that passes because its wallet is only observed: nothing is reserved. */
export const OBSERVED = "observed:";
/** Begins the handle of a payment to own destinations that people approved under a lockdown: nothing is reserved. */
export const EVACUATED = "evacuated:";
/** Stands between a payment's id and its signer: no id has it. */
const BETWEEN = "\n";

/**
 * Makes the name of a signer.
 *
 * @param wallet of the node that pays; null for none
 * @param attempt see {@link attemptOf}
 */
export const signerOf = (wallet: string | null, attempt: string): string =>
  `${SIGNER}${markOf(wallet)}:${attempt}`;

/** Whether a gateway holds a claim. */
export const isGatewaySigner = (signer: string): boolean => signer.startsWith(SIGNER);

/** Whether a signer pays from a wallet of the node. */
export const paysFrom = (signer: string, wallet: string | null): boolean =>
  signer.startsWith(`${SIGNER}${markOf(wallet)}:`);

/** Short for a wallet's name, which may be as long as a signer's name. */
const markOf = (wallet: string | null): string => (wallet === null ? "-" : shortOf(wallet));

const shortOf = (text: string): string =>
  createHash("sha256").update(text).digest("hex").slice(0, 16);

const PACKAGE = "package";
const BROUGHT = "brought";

/**
 * Makes the name of an attempt to pay: two attempts at one transaction have two, so that one cannot release what the other sent.
 *
 * @param id that no other attempt has
 * @param method by which the transaction is sent; its form says how the attempt is settled
 * @param txid of the transaction, where it is known before it is sent
 */
export function attemptOf(
  id: string,
  { method, txid }: Readonly<{ method: string; txid: string | null }>,
): string {
  if (txid === null) return id;
  // Short, since a signer's name has at most 128 characters.
  const own = `${shortOf(id)}:${txid}`;
  if (method === "submitpackage") return `${PACKAGE}:${own}`;
  return method === "sendrawtransaction" ? `${BROUGHT}:${own}` : own;
}

/** Whether a signer claimed a package of transactions. */
export const isPackage = (signer: string): boolean => signer.split(":")[2] === PACKAGE;

/** Whether a signer claimed a transaction that a client had signed elsewhere. */
export const isBrought = (signer: string): boolean => signer.split(":")[2] === BROUGHT;

/** The id of the transaction that a signer's name has; null where it has none. */
export const txidOf = (signer: string): string | null =>
  /:([0-9a-f]{64})$/.exec(signer)?.[1] ?? null;

/** Makes the handle of a claimed payment. */
export const handleOf = (id: string, signer: string): string => `${id}${BETWEEN}${signer}`;

/** Takes a handle apart. */
export function partsOf(handle: string): Readonly<{ id: string; signer_id: string }> {
  const at = handle.indexOf(BETWEEN);
  return { id: handle.slice(0, at), signer_id: handle.slice(at + BETWEEN.length) };
}

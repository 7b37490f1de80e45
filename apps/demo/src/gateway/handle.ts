/** Names by which gateways hold claims: they say which attempt it is, and which transaction where that is known before. */
const SIGNER = "gateway:";
/** Begins the handle of a payment that passes because its wallet is only observed: nothing is reserved. */
export const OBSERVED = "observed:";
/** Characters of a client's name in a signer's. */
const MAX_CLIENT = 40;
/** Stands between a payment's id and its signer: no id has it. */
const BETWEEN = "\n";

/**
 * Makes the name of a signer.
 *
 * @param client name of the gateway's client
 * @param attempt id of the transaction where the client brought one, else an id of this attempt alone
 */
export const signerOf = (client: string, attempt: string): string =>
  `${SIGNER}${client.slice(0, MAX_CLIENT)}:${attempt}`;

/** Whether a gateway holds a claim. */
export const isGatewaySigner = (signer: string): boolean => signer.startsWith(SIGNER);

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

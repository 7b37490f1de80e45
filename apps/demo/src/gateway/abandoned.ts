/** Remembers claims whose answer was lost: the gateway sends nothing for them, so that they can be released. */

/** Most that are kept, the newest. */
const MOST = 10_000;

/** Claims of one process, by payment id and signer. */
export type Abandoned = Readonly<{
  add(id: string, signer: string): void;
  /** The signer of a payment's lost claim. */
  signerOf(id: string): string | undefined;
  forget(id: string): void;
}>;

/** Makes the record; it is in memory, and a claim that it lacks is settled by asking the node. */
export function createAbandoned(): Abandoned {
  const claims = new Map<string, string>();
  return Object.freeze({
    add(id, signer) {
      claims.set(id, signer);
      const [oldest] = claims.keys();
      if (claims.size > MOST && oldest !== undefined) claims.delete(oldest);
    },
    signerOf: (id) => claims.get(id),
    forget: (id) => void claims.delete(id),
  } satisfies Abandoned);
}

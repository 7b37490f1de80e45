/** Name under which the ledger holds the digest of what governs; no policy may have it. */
export const ANCHOR = "shield:governance";

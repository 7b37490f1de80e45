/** Works out what transactions pay that clients bring, have signed, or have bumped. */
export { type Bump, readBump } from "./bump.js";
export type { TransactionContext, TransactionSpend } from "./context.js";
export { readPsbtToSign } from "./psbt.js";
export { readPackage, readRawToSign, readRawTransaction } from "./raw.js";
export { txidOfContent } from "./same-content.js";

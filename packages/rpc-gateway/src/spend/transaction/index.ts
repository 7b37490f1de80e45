/** Works out what transactions pay that clients bring, have signed, or have bumped. */
export { readBump } from "./bump.js";
export type { TransactionContext, TransactionSpend } from "./context.js";
export { readOwnScripts } from "./own-scripts.js";
export { readPsbtToSign } from "./psbt.js";
export { readPackage, readRawToSign, readRawTransaction } from "./raw.js";
export { WALLET_NOT_FOUND } from "./resolve-inputs.js";
export { isPsbtOfContent, txidOfContent } from "./same-content.js";

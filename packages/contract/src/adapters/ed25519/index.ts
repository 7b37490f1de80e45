/** Ed25519 alone, by node:crypto, with the strictness of signed batches (design, section 3: signing). */
export { isPublicPoint } from "../../signing/ed25519-points.js";
export { preAuthEncoding } from "../../signing/dsse.js";
export { type Ed25519Key, ed25519KeyOf, verifyEd25519 } from "./keys.js";

/** Causes of freezes: what several freezes have in common, so that they can be lifted together. */
import { canonicalHash, type JsonValue } from "@dgb-shield/contract";
import type { FreezeKind } from "../ports.js";

/** Cause of every freeze that the risk level alone caused. */
export const RISK_CAUSE = "risk_high";

const HASH_LENGTH = 32;

/** A short identifier made of facts: the same facts, the same identifier. */
export const identifierOf = (prefix: string, facts: JsonValue): string =>
  `${prefix}-${canonicalHash(facts).slice(0, HASH_LENGTH)}`;

/** The cause of a freeze that a request led to: the risk level, or the request itself. */
export const causeOf = (kind: FreezeKind, withdrawalId: string): string =>
  kind === "risk" ? RISK_CAUSE : identifierOf("breach", withdrawalId);

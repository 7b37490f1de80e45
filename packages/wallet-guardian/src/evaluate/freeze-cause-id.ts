/** Makes cause ids of freezes: freezes of one cause can be lifted together. */
import { canonicalHash, type JsonValue } from "@dgb-shield/contract";
import type { FreezeKind } from "../ports.js";

/** Cause of every freeze that the risk level alone caused. */
export const RISK_CAUSE = "risk_high";

const HASH_LENGTH = 32;

/** Makes a short identifier of facts: the same facts give the same identifier. */
export const identifierOf = (prefix: string, facts: JsonValue): string =>
  `${prefix}-${canonicalHash(facts).slice(0, HASH_LENGTH)}`;

/** Makes the cause id of a freeze: one for the risk level, one for each request. */
export const freezeCauseId = (kind: FreezeKind, withdrawalId: string): string =>
  kind === "risk" ? RISK_CAUSE : identifierOf("breach", withdrawalId);

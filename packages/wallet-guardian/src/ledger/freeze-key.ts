/** The order in which all freezes are listed, whatever the ledger. */
import type { StoredFreeze } from "../ports.js";
import { scopeKey } from "../scopes.js";

/**
 * A freeze as one text; keys are ordered by the bytes of their UTF-8. Ids hold no control character, so no two
 * freezes have one key.
 *
 * @example freezeKey({ scope: { type: "wallet", id: "a" }, kind: "operator", cause_id: "c" }) // "wallet:a\noperator\nc"
 */
export const freezeKey = ({
  scope,
  kind,
  cause_id,
}: Pick<StoredFreeze, "scope" | "kind" | "cause_id">): string =>
  `${scopeKey(scope)}\n${kind}\n${cause_id}`;

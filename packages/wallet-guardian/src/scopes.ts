/** Scopes: what a limit, a freeze or a clock belongs to (design: layer 4, `limits`). */
import { ownValue } from "./internal/own.js";

/** Kinds of scope, in the order in which they are locked. */
export const SCOPE_TYPES = ["account", "wallet", "global"] as const;
/** The type of a scope. */
export type ScopeType = (typeof SCOPE_TYPES)[number];

/** One scope. The global one has the id `"global"`. */
export type Scope = Readonly<{ type: ScopeType; id: string }>;

/** The scope that every withdrawal belongs to. */
export const GLOBAL_SCOPE: Scope = Object.freeze({ type: "global", id: "global" });

/**
 * A scope as one text.
 *
 * @example scopeKey({ type: "wallet", id: "hot-1" }) // "wallet:hot-1"
 */
export function scopeKey(scope: Scope): string {
  const type = ownValue(scope, "type") as ScopeType;
  return type === "global" ? type : `${type}:${ownValue(scope, "id") as string}`;
}

/** The scopes of a withdrawal, in the order in which they are locked. */
export function scopesOf(withdrawal: {
  readonly wallet_id: string;
  readonly account_id: string | null;
}): readonly Scope[] {
  const account: Scope[] =
    withdrawal.account_id === null ? [] : [{ type: "account", id: withdrawal.account_id }];
  return [...account, { type: "wallet", id: withdrawal.wallet_id }, GLOBAL_SCOPE];
}

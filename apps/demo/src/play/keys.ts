/** Keys of a played scenario: one of each role, made at the start and kept in memory. */
import { randomBytes } from "node:crypto";
import type { ApiKey, Keyring, Role } from "../service/keys/key.js";
import { createToken, idOfToken, isTokenOf } from "../service/keys/token.js";

/** Roles that a person at the page can take. */
const PLAYED_ROLES = ["operator", "approver", "wallet", "reader"] as const;
/** Tokens by role. */
export type PlayedTokens = Readonly<Record<(typeof PLAYED_ROLES)[number], string>>;

/** Makes the keys, each named after its role. */
export function createPlayedKeys(): Readonly<{ keyring: Keyring; tokens: PlayedTokens }> {
  const made = PLAYED_ROLES.map((role) => ({ role, ...createToken(randomBytes) }));
  const keys = made.map(({ id, role, hash }) => keyOf(id, role, hash));
  const keyring: Keyring = {
    authenticate(bearer) {
      const key = keys.find(({ id }) => id === idOfToken(bearer));
      return key !== undefined && isTokenOf(bearer, key.hash) ? key : undefined;
    },
    keys: () => keys,
    problem: () => null,
  };
  const tokens = Object.fromEntries(made.map(({ role, token }) => [role, token]));
  return { keyring, tokens: tokens as PlayedTokens };
}

const keyOf = (id: string, role: Role, hash: string): ApiKey => ({
  ...{ id, role, hash, created_at_ms: 0, expires_at_ms: null, wallets: null },
  ...{ reports_for: null, name: `demo ${role}`, revoked_at_ms: null },
});

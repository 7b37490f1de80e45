/** API keys: who may do what, for which wallets and nodes, until when (design, section 10). */

/**
 * Roles of a key, and what each may do: report signals, request payments, approve them, give orders, read, govern. An operator
 * governs as well.
 */
export const ROLES = ["reporter", "wallet", "approver", "operator", "reader", "governor"] as const;

/** A role. */
export type Role = (typeof ROLES)[number];

/** One API key as it is stored: never the token itself. */
export type ApiKey = Readonly<{
  /** Part of the token, and the key's name in records and logs. */
  id: string;
  role: Role;
  /** SHA-256 of the token, 64 hexadecimal digits. */
  hash: string;
  /** Milliseconds since 1970. */
  created_at_ms: number;
  /** From when it no longer counts, milliseconds since 1970; null: it does not expire. */
  expires_at_ms: number | null;
  /** Wallets that it may act on; null: all. */
  wallets: readonly string[] | null;
  /** Of a reporter: the site and the nodes that it may report for; null for every other role. */
  reports_for: Readonly<{ operator: string; node_ids: readonly string[] }> | null;
  /** Who or what holds it, for people. */
  name: string;
  /** When it was revoked, milliseconds since 1970; null: it was not. It may lie ahead: a rotation with overlap. */
  revoked_at_ms: number | null;
}>;

/** The keys of a service, at any moment. */
export type Keyring = Readonly<{
  /**
   * Finds the key of a bearer token, in constant time.
   *
   * @param nowMs milliseconds since 1970
   * @returns undefined for a token that is unknown, expired or revoked
   */
  authenticate(bearer: string, nowMs: number): ApiKey | undefined;
  /** Every stored key, expired and revoked ones too. */
  keys(): readonly ApiKey[];
  /** Why no key counts at present; null where they can be read. */
  problem(): string | null;
}>;

/** Before the id of a proposal: the name in which a change is recorded that was carried out by governance. */
export const PROPOSAL_NAME = "proposal:";

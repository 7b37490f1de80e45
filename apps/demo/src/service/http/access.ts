/** Who may call which route: the one table of routes, roles and wallets (design, section 8: keys). */
import type { Role } from "../keys/key.js";

/**
 * How a route treats a key that is bound to wallets. `wallet`: it acts on, or lists, the key's wallets alone. `site`:
 * the route is about the whole site, and such a key is refused. `none`: nothing in it belongs to a wallet.
 */
export type Binding = "wallet" | "site" | "none";

/** Who may call a route; `public` ones need no key. */
export type Access = Readonly<{ roles: readonly Role[] | "public"; binding: Binding }>;

const READERS = ["wallet", "approver", "operator", "reader"] as const;
/** Who sees what is decided about; a governor, who votes, among them. */
const WATCHERS = [...READERS, "governor"] as const;
const access = (roles: Access["roles"], binding: Binding): Access =>
  Object.freeze({ roles, binding });

/** Every route, and who may call it. */
export const ACCESS = Object.freeze({
  "GET /v1/status": access(WATCHERS, "wallet"),
  "GET /v1/key": access(["reporter", ...WATCHERS], "none"),
  "PUT /v1/payments/{id}": access(["wallet"], "wallet"),
  "GET /v1/payments": access(READERS, "wallet"),
  "GET /v1/payments/{id}": access(READERS, "wallet"),
  "GET /v1/payments/{id}/timeline": access(["approver", "operator", "reader"], "wallet"),
  "GET /v1/decisions": access(READERS, "wallet"),
  "POST /v1/payments/{id}/approvals": access(["approver"], "wallet"),
  "POST /v1/payments/{id}/claim": access(["wallet"], "wallet"),
  "POST /v1/payments/{id}/commit": access(["wallet"], "wallet"),
  "POST /v1/payments/{id}/release": access(["wallet", "operator"], "wallet"),
  "POST /v1/simulate": access(["wallet", "operator", "reader"], "wallet"),
  "PUT /v1/destinations": access(["wallet", "operator"], "wallet"),
  "POST /v1/destinations/approvals": access(["approver", "operator"], "wallet"),
  "POST /v1/signals": access(["reporter"], "none"),
  "POST /v1/telemetry": access(["wallet"], "none"),
  "GET /v1/network": access(WATCHERS, "none"),
  "GET /v1/nodes": access(WATCHERS, "none"),
  "GET /v1/chain": access(WATCHERS, "none"),
  "GET /v1/chain/statement": access(WATCHERS, "none"),
  "GET /v1/chain/statement/key": access("public", "none"),
  "GET /v1/history": access(WATCHERS, "none"),
  "GET /v1/wallets/{id}": access(READERS, "wallet"),
  "GET /v1/accounts/{id}": access(READERS, "site"),
  "GET /v1/freezes": access(WATCHERS, "wallet"),
  "POST /v1/freezes": access(["operator"], "wallet"),
  "POST /v1/freezes/lift": access(["operator"], "wallet"),
  "GET /v1/findings": access(WATCHERS, "none"),
  "GET /v1/lockdown": access(WATCHERS, "none"),
  "GET /v1/incidents": access(WATCHERS, "none"),
  "POST /v1/incidents/{id}/release": access(["operator"], "site"),
  "POST /v1/clock/accept": access(["operator"], "site"),
  "GET /v1/proposals": access(["operator", "governor", "reader"], "site"),
  "POST /v1/proposals": access(["operator", "governor"], "site"),
  "GET /v1/proposals/{id}": access(["operator", "governor", "reader"], "site"),
  "POST /v1/proposals/{id}/approve": access(["operator", "governor"], "site"),
  "POST /v1/proposals/{id}/reject": access(["operator", "governor"], "site"),
  "POST /v1/proposals/{id}/withdraw": access(["operator", "governor"], "site"),
  "POST /v1/keys/{id}/revoke": access(["operator", "governor"], "site"),
  "GET /v1/records": access(["operator", "reader"], "site"),
  "GET /v1/records/{seq}/proof": access(["operator", "reader"], "site"),
  "GET /v1/events": access(WATCHERS, "wallet"),
  "GET /v1/jwks": access("public", "none"),
  "GET /v1/openapi.json": access("public", "none"),
  "GET /livez": access("public", "none"),
  "GET /readyz": access("public", "none"),
  "GET /metrics": access(["operator", "reader"], "none"),
} satisfies Record<string, Access>);

/** A route, as method and path. */
export type RouteId = keyof typeof ACCESS;
/** All routes. */
export const ROUTE_IDS = Object.freeze(Object.keys(ACCESS) as RouteId[]);

/** Method and path of a route, the path as Fastify writes it. */
export function addressOf(id: RouteId): Readonly<{ method: "GET" | "PUT" | "POST"; url: string }> {
  const [method = "", path = ""] = id.split(" ");
  return { method: method as "GET" | "PUT" | "POST", url: path.replaceAll(/\{(\w+)\}/g, ":$1") };
}

/** The one table of what loosens: every call and change that can turn a refusal into an ALLOW (design, section 10). */
import type { RouteId } from "../http/access.js";
import type { ChangeKind } from "./change.js";

/**
 * How a loosening is made once governance is on. `proposal`: by a proposal of its kind. `configuration`: by a proposal for
 * the digest of the new configuration. `host`: by a command on the host while the service is stopped. `none`: the service
 * has no such call.
 */
export type LooseningWay = "proposal" | "configuration" | "host" | "none";

/** One kind of loosening. */
export type Loosening = Readonly<{
  /** Stable. */
  id: string;
  what: string;
  way: LooseningWay;
  /** The proposal that makes it; null: none does. */
  change: ChangeKind | null;
  /** The call that is refused with `governed`; null: no call makes it. */
  route: RouteId | null;
  /** The command that is refused, or that makes it on the host; null: none. */
  command: string | null;
  /** Which delay follows the approvals. */
  delay: "loosen" | "release" | null;
}>;

type Row = Pick<Loosening, "id" | "what"> & Partial<Loosening>;

const proposal = (change: ChangeKind, row: Row): Loosening =>
  Object.freeze({ ...EMPTY, way: "proposal" as const, change, ...row });
const configuration = (row: Row): Loosening =>
  Object.freeze({
    ...EMPTY,
    ...{ way: "configuration", change: "configuration", delay: "loosen" },
    ...row,
  });
const EMPTY = { change: null, route: null, command: null, delay: null } as const;

/** Every loosening. What stands in no row tightens, or changes nothing that a decision rests on. */
export const LOOSENINGS: readonly Loosening[] = Object.freeze([
  proposal("unfreeze", {
    id: "unfreeze",
    what: "lift a freeze of an account, a wallet, everything, or a cause",
    route: "POST /v1/freezes/lift",
    delay: "release",
  }),
  proposal("release_incident", {
    id: "release_incident",
    what: "release what an incident latched",
    route: "POST /v1/incidents/{id}/release",
    delay: "release",
  }),
  proposal("accept_clock", {
    id: "accept_clock",
    what: "accept the clock",
    route: "POST /v1/clock/accept",
  }),
  proposal("release_payment", {
    id: "release_payment",
    what: "release a payment that was claimed: its room returns",
    route: "POST /v1/payments/{id}/release",
  }),
  proposal("approve_destination", {
    id: "approve_destination",
    what: "approve a destination: it neither waits nor counts as a look-alike",
    route: "POST /v1/destinations/approvals",
  }),
  proposal("keys", {
    id: "new_key",
    what: "add a key",
    command: "shield keys add",
    delay: "loosen",
  }),
  proposal("keys", {
    id: "longer_key",
    what: "replace a key, or let one count for longer or again",
    command: "shield keys rotate",
    delay: "loosen",
  }),
  proposal("keys", {
    id: "wider_key",
    what: "give a key another role, or more wallets or nodes",
    delay: "loosen",
  }),
  proposal("keys", {
    id: "last_governors",
    what: "revoke one of the last keys that governance needs",
    route: "POST /v1/keys/{id}/revoke",
    command: "shield keys revoke",
    delay: "loosen",
  }),
  proposal("keys", {
    id: "reporter_key",
    what: "revoke a reporter's key: the alarms of its site would end",
    route: "POST /v1/keys/{id}/revoke",
    delay: "loosen",
  }),
  configuration({ id: "mode", what: "observe a wallet that is enforced" }),
  configuration({ id: "policy", what: "another policy of the Guardian or the guard" }),
  configuration({
    id: "facts",
    what: "another wallet that proves a balance, a new one, or none; another judge of behaviour",
  }),
  configuration({ id: "thresholds", what: "other approvers, thresholds or keys of tokens" }),
  configuration({ id: "nodes", what: "other nodes, or fewer or older reports that suffice" }),
  configuration({ id: "network", what: "other sites, another NATS, or unknown_network" }),
  configuration({ id: "gateway", what: "another gateway" }),
  configuration({ id: "audit", what: "another audit" }),
  configuration({ id: "governance", what: "fewer approvals, shorter delays, or no governance" }),
  Object.freeze({
    ...{ ...EMPTY, id: "recovery", way: "host" as const },
    ...{ what: "take keys and configuration as they are", command: "shield governance recover" },
  }),
  Object.freeze({
    ...{ ...EMPTY, id: "adoption", way: "host" as const },
    ...{ what: "adopt a ledger that was moved or restored", command: "shield ledger adopt" },
  }),
  Object.freeze({
    ...{ ...EMPTY, id: "order", way: "none" as const },
    what: "order a milder state of the defense",
  }),
  Object.freeze({
    ...{ ...EMPTY, id: "tolerate", way: "none" as const },
    what: "tolerate an algorithm for some blocks",
  }),
]);

/** The delay that follows the approvals of a change. */
export const delayOf = (kind: ChangeKind): Loosening["delay"] =>
  LOOSENINGS.find(({ change }) => change === kind)?.delay ?? null;

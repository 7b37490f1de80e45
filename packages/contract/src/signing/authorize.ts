/** Checks a signal against the roles and names of its key (design, section 3: signing). */
import { childPointer } from "../json/pointer.js";
import { ownMember, withoutPrototypes } from "../internal/own.js";
import type { Envelope } from "../schemas/envelope.js";
import type { SignedSignal } from "./batch.js";
import { Rejected } from "./errors.js";
import type { KeyringKey } from "./keyring.js";

/** A claim of a signal: its path, its value, and what the key allows there. */
type Claim = Readonly<{ path: string; value: unknown; allowed: readonly string[] }>;

/**
 * Checks that the key is authorised for a signal.
 *
 * A v3 envelope claims its `component`, and the `operator`, `node_id` and `wallet_id` at the
 * top of its evidence where it has them. A v2 signal claims its `source`, its `operator`,
 * its `node_id` and the `wallet_id` in its metadata. One that names no operator is the key's operator's,
 * so that the nodes of one operator cannot pass for many.
 *
 * @param path of the signal
 * @returns the signal; a v2 signal is stamped with the operator of the key
 * @throws Rejected `wrong_role` or `name_not_allowed`
 */
export function authorize<S extends SignedSignal>(signal: S, path: string, key: KeyringKey): S {
  // [REJECT wrong_role] a component or source that is not a role of the key
  rejectUnless("wrong_role", path, roleOf(signal, key));
  // [REJECT name_not_allowed] an operator, node or wallet that is not among the names of the key
  for (const claim of namesOf(signal, key)) rejectUnless("name_not_allowed", path, claim);
  return isEnvelopeOf(signal) ? signal : withoutPrototypes({ ...signal, operator: key.operator });
}

/** Whether a signal is a v3 envelope, by a member of its own. */
const isEnvelopeOf = (signal: SignedSignal): signal is Envelope =>
  Object.hasOwn(signal, "contract_version");

function rejectUnless(
  code: "wrong_role" | "name_not_allowed",
  path: string,
  { path: inner, value, allowed }: Claim,
): void {
  if (typeof value !== "string" || !allowed.includes(value)) {
    throw new Rejected(code, `${path}${inner}`);
  }
}

const roleOf = (signal: SignedSignal, key: KeyringKey): Claim =>
  isEnvelopeOf(signal)
    ? { path: "/component", value: signal.component, allowed: key.components }
    : { path: "/source", value: signal.source, allowed: key.sources };

function namesOf(signal: SignedSignal, key: KeyringKey): Claim[] {
  if (isEnvelopeOf(signal)) {
    return [
      ...claimIn(signal.evidence, "operator", { at: "/evidence", allowed: [key.operator] }),
      ...claimIn(signal.evidence, "node_id", { at: "/evidence", allowed: key.node_ids }),
      ...claimIn(signal.evidence, "wallet_id", { at: "/evidence", allowed: key.wallet_ids }),
    ];
  }
  const metadata = Object.hasOwn(signal, "metadata") ? signal.metadata : undefined;
  return [
    ...claimIn(signal, "operator", { at: "", allowed: [key.operator] }),
    { path: "/node_id", value: signal.node_id, allowed: key.node_ids },
    ...claimIn(metadata ?? {}, "wallet_id", { at: "/metadata", allowed: key.wallet_ids }),
  ];
}

/** The claim under `name`, if `object` makes it; one that is not text is a claim all the same. */
const claimIn = (
  object: object,
  name: string,
  { at, allowed }: Readonly<{ at: string; allowed: readonly string[] }>,
): Claim[] =>
  Object.hasOwn(object, name)
    ? [{ path: childPointer(at, name), value: ownMember(object, name), allowed }]
    : [];

/** Signs and verifies checkpoints by the signing of `contract`. */
import { checkTimeMs, type JsonObject, parseStrictJson } from "@dgb-shield/contract";
import {
  type DsseEnvelope,
  dsseEnvelopeSchema,
  type Keyring,
  signDocument,
  type Signer,
  type SigningRejection,
  verifyDocument,
} from "@dgb-shield/contract/signing";
import {
  type Checkpoint,
  type CheckpointOrigin,
  proofRefusal,
  type ProofRefusal,
  readCheckpoint,
} from "../../audit/checkpoint.js";

/** Payload type of a signed checkpoint. */
export const CHECKPOINT_TYPE = "application/vnd.dgb-shield.checkpoint.v1+json";

/** The role that a key needs, among its `components`. */
export const CHECKPOINT_ROLE = "audit_checkpoint";

/**
 * Signs a checkpoint with both algorithms of the key.
 *
 * @throws RangeError for what is no checkpoint; SigningError `signer_failed`
 * @returns the envelope, to be stored as its JSON text
 */
export async function signCheckpoint(
  checkpoint: Checkpoint,
  signer: Signer,
): Promise<DsseEnvelope> {
  const read = readCheckpoint(checkpoint);
  if (read === undefined || checkTimeMs(read.at_ms) !== undefined)
    throw new RangeError("no checkpoint");
  return signDocument({ payload_type: CHECKPOINT_TYPE, document: read }, signer);
}

/** What a checkpoint is checked against. */
export type CheckpointTrust = Readonly<{
  /** The keys that are trusted, by `parseKeyring`. */
  keys: Keyring;
  /** Whose it must be; what is absent may be anything. */
  origin?: Partial<CheckpointOrigin>;
}>;

/** The answer: the checkpoint and whose it is, or why not. */
export type CheckpointVerification =
  Readonly<{ accepted: true; checkpoint: Checkpoint; key_id: string }> | ProofRefusal;

/**
 * Decides, without any connection, whether a signed checkpoint is accepted: both signatures of one key with the role
 * `audit_checkpoint` verify, the key was valid at the time that the checkpoint states and is not revoked, and it is of the
 * deployment and chain.
 *
 * @param input the envelope: JSON text, its UTF-8 bytes, or the object in memory
 * @returns the checkpoint, or a refusal; never throws
 * @example
 * const answer = verifyCheckpoint(text, { keys: parseKeyring(file), origin: { deployment_id: "exchange" } });
 * if (answer.accepted) console.log(answer.checkpoint.root);
 */
export function verifyCheckpoint(input: unknown, trust: CheckpointTrust): CheckpointVerification {
  const stated = statedTime(input);
  if (stated === undefined) return malformed("", "not the envelope of a checkpoint");
  const answer = verifyDocument(stated.envelope, {
    ...{ keyring: trust.keys, nowMs: stated.at_ms },
    ...{ payload_type: CHECKPOINT_TYPE, component: CHECKPOINT_ROLE },
  });
  if (!answer.accepted) return refusalOf(answer);
  const checkpoint = readCheckpoint(answer.document);
  if (checkpoint === undefined) return malformed("/payload", "not a checkpoint of this version");
  const { deployment_id, genesis } = trust.origin ?? {};
  // [REJECT other_deployment] the key may sign for several, and this one is not the one that is asked about
  if (deployment_id !== undefined && checkpoint.deployment_id !== deployment_id) {
    return proofRefusal("other_deployment", "/payload/deployment_id", "of another deployment");
  }
  // [REJECT other_chain] of another chain
  if (genesis !== undefined && checkpoint.genesis !== genesis) {
    return proofRefusal("other_chain", "/payload/genesis", "of another chain");
  }
  return { accepted: true, checkpoint, key_id: answer.key.key_id };
}

/** Refuses what has not the form. */
// [REJECT malformed] no envelope, no checkpoint or no proof of this version; no time by which its key could be valid
export const malformed = (path: string, detail: string): ProofRefusal =>
  proofRefusal("malformed", path, detail);

/** Reads an envelope once, and the time that its payload states, before anything of it is trusted. */
function statedTime(
  input: unknown,
): Readonly<{ envelope: DsseEnvelope; at_ms: number }> | undefined {
  try {
    const parsed =
      typeof input === "string" || input instanceof Uint8Array ? parseStrictJson(input) : input;
    const envelope = dsseEnvelopeSchema.parse(parsed);
    const payload = parseStrictJson(Buffer.from(envelope.payload, "base64")) as JsonObject;
    const at_ms = payload["at_ms"];
    return typeof at_ms === "number" && checkTimeMs(at_ms) === undefined
      ? { envelope, at_ms }
      : undefined;
  } catch {
    return undefined;
  }
}

function refusalOf({ code, path, detail = code }: SigningRejection): ProofRefusal {
  switch (code) {
    case "unknown_key":
      // [REJECT unknown_key] not among the keys
      return proofRefusal("unknown_key", path, detail);
    case "bad_signature":
      // [REJECT bad_signature] one of the two does not verify
      return proofRefusal("bad_signature", path, detail);
    case "revoked_key":
    case "key_expired":
    case "key_not_yet_valid":
    case "wrong_role":
      // [REJECT key_not_allowed] a key that may not sign this, or could not at that time
      return proofRefusal("key_not_allowed", path, detail);
    default:
      return malformed(path, detail);
  }
}

/** Signs and verifies approvals: Ed25519 over kind and canonical form, by node:crypto. */
import { canonicalize, parseOwn } from "@dgb-shield/contract";
import { type Ed25519Key, preAuthEncoding, verifyEd25519 } from "@dgb-shield/contract/ed25519";
import {
  APPROVAL_TYPE,
  type ApprovalDocument,
  approvalSchema,
  type SignedApproval,
  signedApprovalSchema,
} from "../../approval.js";
import { MAX_PAYOUTS } from "../../payment-terms.js";
import { fromBase64url, toBase64url } from "./base64url.js";

const BOUNDS = { maxDepth: 5, maxEntries: MAX_PAYOUTS };

/** An approver's key that is ready to sign. */
export type ApproverSigner = Readonly<{ key_id: string; key: Ed25519Key }>;

/** An approval that was read, or why it counts for nothing. */
export type ApprovalReading =
  Readonly<{ ok: true; value: SignedApproval }> | Readonly<{ ok: false; path: string }>;

/**
 * Signs an approval.
 *
 * @throws RangeError for what is no approval
 * @example signApproval({ ...terms, expires_at_ms }, readApproverKey("ada.key")) // { approval, key_id, signature }
 */
export function signApproval(
  document: ApprovalDocument,
  { key_id, key }: ApproverSigner,
): SignedApproval {
  const read = parseOwn(approvalSchema, document, BOUNDS);
  if (!read.ok) throw new RangeError(`no approval: invalid at ${read.path}`);
  const signature = toBase64url(key.sign(approvalMessage(read.value)));
  return { approval: read.value, key_id, signature };
}

/**
 * Reads a signed approval; its signature is not verified.
 *
 * @param input plain data
 * @returns a private copy, or the path of what is wrong
 */
export function readSignedApproval(input: unknown): ApprovalReading {
  const read = parseOwn(signedApprovalSchema, input, BOUNDS);
  return read.ok ? read : { ok: false, path: read.path };
}

/**
 * Verifies the signature of an approval.
 *
 * @param public_key of the approver, base64url
 * @returns whether exactly this document was signed by the key; never throws
 */
export function isSignedBy(
  document: ApprovalDocument,
  signature: string,
  public_key: string,
): boolean {
  const [key, bytes] = [fromBase64url(public_key), fromBase64url(signature)];
  if (key === undefined || bytes === undefined) return false;
  try {
    return verifyEd25519(key, approvalMessage(document), bytes);
  } catch {
    return false;
  }
}

/** The bytes that an approver signs. */
const approvalMessage = (document: ApprovalDocument): Uint8Array =>
  preAuthEncoding(APPROVAL_TYPE, new TextEncoder().encode(canonicalize(document)));

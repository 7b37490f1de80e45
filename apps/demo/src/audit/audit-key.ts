/** The key that signs the checkpoints of a deployment. */
import { readSigningKey, type SigningKey } from "../cli/tip/key-file.js";

/**
 * Reads the secret key; the file must be its owner's alone.
 *
 * @throws CommandError `usage`
 */
export const readAuditKey = (path: string): SigningKey =>
  readSigningKey(path, "shield audit keygen");

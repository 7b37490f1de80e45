/** Reports that a ledger is not the one that was signed; nothing more is signed then. */
export class AuditError extends Error {
  override readonly name = "AuditError";
}

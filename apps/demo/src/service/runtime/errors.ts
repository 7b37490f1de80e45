/** Errors of a service that cannot start or go on. */
import { ShieldError } from "@dgb-shield/contract";

/** What is wrong. */
export type ServiceErrorCode =
  | "ledger_missing"
  | "ledger_failed"
  | "bad_recording"
  | "state_failed"
  | "in_use"
  | "stopped"
  | "bad_token_key"
  | "bad_webhook_secret"
  | "bad_tip_key"
  | "governed";

/** A service that cannot be used: what is wrong, and what to do. */
export class ServiceError extends ShieldError<ServiceErrorCode> {
  override readonly name = "ServiceError";

  constructor(code: ServiceErrorCode, detail: string, cause?: unknown) {
    super({ code, detail, cause });
  }
}

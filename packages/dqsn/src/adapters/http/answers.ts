/** ERROR responses and statuses of the HTTP plugin (design section 4.2: exporters). */
import { createEnvelope, type DqsnResponse, LIMITS } from "@dgb-shield/contract";
import type { Dqsn, RequestErrorCode } from "../../index.js";

/** The status of each rejection by the transport. Codes are stable. */
const STATUS = Object.freeze({
  DQSN_ERROR_BODY_ABORTED: 400,
  DQSN_ERROR_UNAUTHENTICATED: 401,
  DQSN_ERROR_FORBIDDEN: 403,
  DQSN_ERROR_NOT_FOUND: 404,
  DQSN_ERROR_METHOD_NOT_ALLOWED: 405,
  DQSN_ERROR_BODY_TIMEOUT: 408,
  DQSN_ERROR_MEDIA_TYPE: 415,
  DQSN_ERROR_CONTENT_ENCODING: 415,
  DQSN_ERROR_INTERNAL: 500,
  DQSN_ERROR_BUSY: 503,
  DQSN_ERROR_CLOCK_INVALID: 503,
});

/** Codes with a status of their own; all other rejections are 400. */
const STATUS_OF_CODE: ReadonlyMap<string, number> = new Map([
  ...Object.entries(STATUS),
  ["DQSN_ERROR_PAYLOAD_TOO_LARGE", 413],
  ["DQSN_ERROR_SIGNAL_CONFLICT", 422],
  ["DQSN_ERROR_CONSTRAINT_UNMET", 422],
  ["DQSN_ERROR_RESPONSE_TOO_LARGE", 422],
]);

/** The codes that the transport adds to those of evaluation. */
export const HTTP_ERROR_CODES: readonly (keyof typeof STATUS)[] = Object.freeze(
  Object.keys(STATUS) as (keyof typeof STATUS)[],
);
/** A code of a rejection over HTTP. Codes are stable. */
export type HttpErrorCode = keyof typeof STATUS | RequestErrorCode;

/** A rejection on its way to the error handler. */
export class HttpRejection extends Error {
  override readonly name = "HttpRejection";
  readonly code: HttpErrorCode;

  constructor(code: HttpErrorCode) {
    super(code);
    this.code = code;
  }
}

/** Gives the status of a code. */
export const statusOf = (code: HttpErrorCode): number => STATUS_OF_CODE.get(code) ?? 400;

const CODE_OF_FASTIFY_ERROR: ReadonlyMap<unknown, HttpErrorCode> = new Map<string, HttpErrorCode>([
  ["FST_ERR_CTP_INVALID_MEDIA_TYPE", "DQSN_ERROR_MEDIA_TYPE"],
  ["FST_ERR_CTP_INVALID_CONTENT_LENGTH", "DQSN_ERROR_BODY_ABORTED"],
  ["FST_ERR_CTP_BODY_TOO_LARGE", "DQSN_ERROR_PAYLOAD_TOO_LARGE"],
  ["FST_ERR_NOT_FOUND", "DQSN_ERROR_NOT_FOUND"],
]);

/** Makes the answers of one evaluator. */
export function createAnswers(dqsn: Pick<Dqsn, "evaluateText" | "configFingerprint">) {
  const tooLarge = dqsn.evaluateText(new Uint8Array(LIMITS.maxPayloadBytes + 1));
  return Object.freeze({
    /** Makes the ERROR response of a rejection before evaluation; a consumer must treat it as BLOCK. */
    rejection: (code: HttpErrorCode): DqsnResponse =>
      code === "DQSN_ERROR_PAYLOAD_TOO_LARGE"
        ? structuredClone(tooLarge)
        : errorOf(code, dqsn.configFingerprint),
    /** 200 for a decision, else the status of its one code. */
    statusOfResponse: ({ decision, reason_codes }: DqsnResponse): number =>
      decision === "ERROR" ? (STATUS_OF_CODE.get(reason_codes[0] ?? "") ?? 400) : 200,
    /** Gives the code of any exception. */
    codeOf: (error: unknown): HttpErrorCode => {
      if (error instanceof HttpRejection) return error.code;
      if (!(error instanceof Error)) return "DQSN_ERROR_INTERNAL";
      const code: unknown = Object.getOwnPropertyDescriptor(error, "code")?.value;
      return CODE_OF_FASTIFY_ERROR.get(code) ?? "DQSN_ERROR_INTERNAL";
    },
  });
}

const errorOf = (code: HttpErrorCode, configFingerprint: string): DqsnResponse => ({
  ...createEnvelope({
    component: "dqsn",
    request_id: "unknown",
    decision: "ERROR",
    score: 1,
    reason_codes: [code],
    evidence: { config_fingerprint: configFingerprint, error: { code, path: "" } },
  }),
  component: "dqsn",
});

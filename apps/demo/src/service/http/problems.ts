/** Problems that requests are answered with (RFC 9457): codes, statuses, and what to do about each. */
import type { JsonObject } from "@dgb-shield/contract";

type Kind = Readonly<{ status: number; title: string; remedy: string }>;
const kind = (status: number, title: string, remedy: string): Kind =>
  Object.freeze({ status, title, remedy });

/** Every problem. Codes are stable. */
export const PROBLEMS = Object.freeze({
  malformed_url: kind(400, "The address cannot be read", "Write the path with valid %-escapes."),
  malformed_json: kind(
    400,
    "The body is not strict JSON",
    "Send UTF-8 JSON without duplicate keys, `__proto__`, lone surrogates, integers beyond 2^53−1, or more than 32 levels.",
  ),
  malformed_request: kind(
    400,
    "A field is missing or malformed",
    "Mend the fields that errors names. Nothing was decided or recorded.",
  ),
  unknown_field: kind(
    400,
    "A field is unknown",
    "Remove or rename the fields that errors names. Nothing was decided or recorded.",
  ),
  incomplete_body: kind(
    400,
    "The body ended early",
    "Send as many bytes as Content-Length declares.",
  ),
  invalid_withdrawal: kind(
    400,
    "The payment is not one that can be decided",
    "Mend the field that errors names: see the Wallet Guardian's rules for payments.",
  ),
  invalid_operation: kind(
    400,
    "An argument is not usable",
    "Mend the field that errors names; nothing was changed.",
  ),
  destination_unreadable: kind(
    400,
    "The destination is no address of the chain",
    "Check the address and the chain that it belongs to.",
  ),
  unauthenticated: kind(
    401,
    "No valid key",
    "Send Authorization: Bearer with a key that is neither expired nor revoked.",
  ),
  role_not_allowed: kind(
    403,
    "The key's role does not allow this",
    "Use a key with one of the roles that the route's documentation names.",
  ),
  wallet_not_allowed: kind(
    403,
    "The key is bound to other wallets",
    "Use a key of this wallet, or one that is not bound to wallets.",
  ),
  reporter_not_allowed: kind(
    403,
    "The key may not report as these nodes",
    "Send signals of the key's own operator and nodes only. None of these was taken in.",
  ),
  host_not_allowed: kind(
    403,
    "The Host header is not one of this service's names",
    "Call the service by a loopback name, or add the name to http.allowed_hosts.",
  ),
  origin_not_allowed: kind(
    403,
    "Pages of this origin may not call the service",
    "Add the page's origin to http.allowed_origins, where it is to be trusted.",
  ),
  not_found: kind(404, "There is no such resource", "Check the path and the id."),
  method_not_allowed: kind(
    405,
    "The resource does not have this method",
    "Use one of the methods that the Allow header names.",
  ),
  request_timeout: kind(408, "The request took too long to arrive", "Send it again."),
  signature_required: kind(
    409,
    "Approvals are signed here",
    "Sign the payment's terms with shield approve, and send what it prints.",
  ),
  approval_refused: kind(
    422,
    "The signed approval does not count",
    "Read the payment's terms again, and sign them with a registered key.",
  ),
  content_changed: kind(
    409,
    "The id stands for other content",
    "Give a new payment a new id; send an old one with exactly its first content.",
  ),
  in_other_payment: kind(
    409,
    "A payout is part of another payment",
    "Give each payout an id of its own, and ask for the other payment where it is meant.",
  ),
  part_of_payment: kind(
    409,
    "The id is a payout's",
    "Use the id of the payment that the payout is part of.",
  ),
  not_reserved: kind(
    409,
    "Nothing is reserved for this payment",
    "Ask for the payment again, and claim it before its reservation ends.",
  ),
  already_committed: kind(
    409,
    "The payment was paid",
    "Read the payment: its transaction is recorded.",
  ),
  claimed: kind(
    409,
    "The payment was claimed and may have been signed",
    "Release it with its signer_id and not_executed: true, as proof that nothing was sent.",
  ),
  claim_running: kind(
    409,
    "The claim still permits signing",
    "Wait for Retry-After, then release it again.",
  ),
  too_many_approvals: kind(
    409,
    "The payment has as many approvals as are kept",
    "Nothing was recorded. An approval ends a day after it was given; ask for the payment again with those that count.",
  ),
  governed: kind(
    409,
    "This loosens, and changes are governed",
    "Send the member proposal, with a reason, to POST /v1/proposals, or run shield propose; other operators then approve it.",
  ),
  not_governed: kind(
    409,
    "Changes are not governed here",
    "Make the change by its own call or command; governance begins with the section governance.",
  ),
  proposal_closed: kind(
    409,
    "The proposal is closed",
    "Read the proposal, and make a new one where it is still needed.",
  ),
  own_proposal: kind(
    403,
    "The proposal is the caller's own",
    "Have others vote on it; withdraw it to end it.",
  ),
  not_proposer: kind(403, "Another one made the proposal", "Reject it in place of withdrawing it."),
  not_governing: kind(
    403,
    "The key does not govern",
    "Use a key of an operator or a governor that counts, and is not bound to wallets.",
  ),
  too_many_proposals: kind(
    409,
    "Too many proposals of one holder wait",
    "Withdraw one that is not needed any more.",
  ),
  invalid_change: kind(400, "The change cannot be made", "Mend what detail names."),
  nothing_to_change: kind(
    409,
    "There is nothing to change",
    "Read what the proposal is about: it may be over already.",
  ),
  last_governing_keys: kind(
    409,
    "Too few would be left to govern",
    "Propose the change together with keys that take their place.",
  ),
  governance_unavailable: kind(
    503,
    "What governs cannot be read or kept",
    "Nothing was changed. Send the request again after Retry-After; the log names the fault.",
  ),
  not_frozen: kind(409, "Nothing of this is frozen", "List the freezes to see what there is."),
  operator_freeze: kind(
    409,
    "Only operators have frozen this",
    "Lift each freeze by its cause: scope cause, id the cause_id.",
  ),
  no_audit: kind(
    409,
    "No audit is configured",
    "Configure audit, and restart the service: see docs/operations.md.",
  ),
  no_tip_key: kind(
    409,
    "No key signs statements of the tip",
    "Configure tip_statement, and restart the service: see docs/operations.md.",
  ),
  not_covered: kind(
    409,
    "No checkpoint covers the record yet",
    "Ask again after the next checkpoint: audit.every_seconds at the latest.",
  ),
  record_differs: kind(
    409,
    "The record is not the one that was signed",
    "Run shield audit verify on the host: it shows what was changed.",
  ),
  body_too_large: kind(413, "The body is too large", "Send less in one request."),
  media_type: kind(
    415,
    "The body's type is not supported",
    "Send Content-Type: application/json, in UTF-8 and without Content-Encoding.",
  ),
  rate_limited: kind(429, "Too many requests of this key or address", "Wait for Retry-After."),
  too_many_streams: kind(429, "Too many event streams", "Close another stream of this key first."),
  headers_too_large: kind(431, "The headers are too large", "Send fewer or shorter headers."),
  internal_error: kind(
    500,
    "Something went wrong in the service",
    "Treat the payment as refused; give the instance to the operator.",
  ),
  ledger_busy: kind(
    503,
    "The ledger is busy",
    "Send the same request again after Retry-After; nothing was reserved.",
  ),
  ledger_unavailable: kind(
    503,
    "The ledger cannot be used",
    "Treat the payment as refused, and send the same request again after Retry-After.",
  ),
  approvals_unavailable: kind(
    503,
    "Approvals cannot be read or kept",
    "Treat the payment as refused, and send the same request again after Retry-After; nothing was recorded.",
  ),
  keys_unavailable: kind(
    503,
    "The service's file of keys cannot be used, and no key counts",
    "Treat the payment as refused, and send the same request again after Retry-After; shield doctor names the fault.",
  ),
  clock_untrusted: kind(
    503,
    "The service's clock is not trusted",
    "Treat the payment as refused; an operator checks the clock.",
  ),
  not_recorded: kind(
    503,
    "The decision could not be recorded",
    "Treat the payment as refused, and send the same request again after Retry-After.",
  ),
  incidents_unavailable: kind(
    503,
    "Past incidents cannot be read",
    "Ask again after Retry-After; without a range the open ones are listed.",
  ),
  tip_unknown: kind(
    503,
    "What the nodes show cannot be relied on",
    "Credit nothing on it. Ask again after Retry-After; GET /v1/status names what is missing.",
  ),
  tip_not_signed: kind(
    503,
    "The key of statements did not sign",
    "Ask again after Retry-After; the log names the fault.",
  ),
  clock_not_accepted: kind(
    503,
    "A part of the service rejects the clock",
    "Check the clock of the host, then accept it again.",
  ),
  watcher_unavailable: kind(
    503,
    "The process that watches the nodes did not take the order",
    "Nothing was changed. Give the order again after Retry-After; where watcher names a process, see whether it runs.",
  ),
  order_unconfirmed: kind(
    503,
    "The process that watches the nodes did not confirm the order",
    "It may have been carried out: read the incidents, or the status, before it is given again.",
  ),
  closing: kind(503, "The service is ending", "Send the request again after Retry-After."),
} satisfies Record<string, Kind>);

/** A code of a problem. */
export type ProblemCode = keyof typeof PROBLEMS;
/** All codes, by status. */
export const PROBLEM_CODES = Object.freeze(Object.keys(PROBLEMS) as ProblemCode[]);

/** One offending field. */
export type FieldError = Readonly<{
  /** Where: `#/amount` in the body, else the name of a parameter. */
  in: "body" | "query" | "path";
  pointer: string;
  detail: string;
}>;

/** What a problem carries besides its code. */
export type ProblemFacts = Readonly<{
  detail?: string | undefined;
  errors?: readonly FieldError[];
  /** Milliseconds until it could succeed; becomes Retry-After. */
  retryAfterMs?: number | undefined;
  /** Further members, such as the decision that could not be recorded. */
  members?: JsonObject;
  headers?: Readonly<Record<string, string>>;
}>;

/** A request that is answered with a problem. */
export class HttpProblem extends Error {
  override readonly name = "HttpProblem";
  readonly code: ProblemCode;
  readonly facts: ProblemFacts;

  constructor(code: ProblemCode, facts: ProblemFacts = {}) {
    super(code);
    this.code = code;
    this.facts = facts;
  }
}

/** Milliseconds until a refusal that names no time is tried again. */
const DEFAULT_RETRY_MS = 5_000;

/** Statuses that are about the moment, and carry Retry-After. */
const PASSING: ReadonlySet<number> = new Set([408, 429, 503]);

/**
 * Writes a problem's body and headers.
 *
 * @param requestId becomes `instance`
 */
export function problemOf({ code, facts }: HttpProblem, requestId: string) {
  const { status, title, remedy } = PROBLEMS[code];
  const retryMs = facts.retryAfterMs ?? (PASSING.has(status) ? DEFAULT_RETRY_MS : undefined);
  return {
    status,
    headers: {
      ...(retryMs === undefined
        ? {}
        : { "retry-after": String(Math.max(1, Math.ceil(retryMs / 1_000))) }),
      ...(status === 401 ? { "www-authenticate": 'Bearer realm="shield"' } : {}),
      ...facts.headers,
    },
    body: {
      type: `urn:dgb-shield:problem:${code}`,
      title,
      status,
      detail: facts.detail ?? remedy,
      instance: `urn:uuid:${requestId}`,
      code,
      ...(facts.errors === undefined ? {} : { errors: facts.errors }),
      ...(retryMs === undefined ? {} : { retry_after_ms: retryMs }),
      ...facts.members,
    },
  };
}

/** Turns answers of the service that are no success into problems. */
import type { JsonObject } from "@dgb-shield/contract";
import type {
  OperationCode,
  OperationRejection,
  OperationResult,
} from "@dgb-shield/wallet-guardian";
import type { GovernanceRefusal } from "../governance/decide.js";
import type { Governed, Missing, NotDone, PaymentAnswer, SimulatedAnswer } from "../service.js";
import { HttpProblem, type ProblemCode, PROBLEMS, type ProblemFacts } from "./problems.js";

/** Codes of rejected orders that have another name as a problem. */
const PROBLEM_OF: Readonly<Partial<Record<OperationCode, ProblemCode>>> = {
  unknown_withdrawal: "not_found",
};

/** Codes of a decision, by the problem that they are: the request is at fault, not the payment. */
const FAULTS: readonly ProblemCode[] = [
  "invalid_withdrawal",
  "content_changed",
  "in_other_payment",
];
/** Codes of a decision that was not recorded. */
const FAILURES: readonly ProblemCode[] = ["ledger_busy", "ledger_unavailable", "clock_untrusted"];

type Accepted<T> = Exclude<T, Missing | NotDone | Governed | OperationRejection>;

/**
 * Passes an accepted answer on, without the member `accepted` of a listing or a view.
 *
 * @throws HttpProblem for one that is missing or rejected
 */
export function accepted<T extends object>(answer: T): Accepted<T> {
  if (Object.hasOwn(answer, "missing")) throw new HttpProblem("not_found");
  done(answer);
  const result = answer as Partial<OperationResult>;
  if (Object.hasOwn(answer, "accepted") && result.accepted !== true) throw rejection(result);
  return answer as Accepted<T>;
}

const isNotDone = (answer: object): answer is NotDone => Object.hasOwn(answer, "not_done");

/**
 * Passes on what became of an order on layers 1 to 3.
 *
 * @throws HttpProblem where the process that watches did not answer, and where the call loosens and changes are governed
 */
export function done<T extends object>(answer: T): Exclude<T, NotDone | Governed> {
  // [409 governed] the call loosens
  if (isGoverned(answer)) {
    throw new HttpProblem("governed", { members: { proposal: plain(answer.governed) } });
  }
  if (!isNotDone(answer)) return answer as Exclude<T, NotDone | Governed>;
  throw new HttpProblem(answer.not_done, { members: { watcher: answer.watcher } });
}

const isGoverned = (answer: object): answer is Governed => Object.hasOwn(answer, "governed");

/** A copy as JSON has it. */
const plain = (value: object): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject;

/**
 * Passes on what became of a call about proposals or keys.
 *
 * @throws HttpProblem for a refusal
 */
export function governedBy<T extends object>(answer: T): Exclude<T, GovernanceRefusal> {
  if (!Object.hasOwn(answer, "refused")) return answer as Exclude<T, GovernanceRefusal>;
  const { refused, detail } = answer as GovernanceRefusal;
  throw new HttpProblem(refused, { detail });
}

/** As `accepted`, without the member that is true then. */
export function opened<T extends object>(answer: T): Omit<Accepted<T>, "accepted"> {
  const rest: Accepted<T> & { accepted?: unknown } = { ...accepted(answer) };
  delete rest.accepted;
  return rest;
}

function rejection({
  reason_codes = [],
  path,
  detail,
  retry_after_ms,
  ...rest
}: Partial<OperationResult>) {
  const [code] = reason_codes;
  const problem = code === undefined ? undefined : (PROBLEM_OF[code] ?? code);
  const members: JsonObject = {
    ...(rest.status === undefined ? {} : { payment_status: rest.status }),
    ...(rest.txid === undefined ? {} : { txid: rest.txid }),
  };
  return new HttpProblem(isProblem(problem) ? problem : "internal_error", {
    ...fieldAt(path, detail),
    ...(path === undefined && detail !== undefined ? { detail } : {}),
    retryAfterMs: retry_after_ms,
    members,
  });
}

const isProblem = (code: string | undefined): code is ProblemCode =>
  code !== undefined && Object.hasOwn(PROBLEMS, code);

const fieldAt = (path: string | undefined, detail: string | undefined): ProblemFacts =>
  path === undefined
    ? {}
    : { errors: [{ in: "body", pointer: path, detail: detail ?? "see the detail" }] };

/**
 * Passes a decision on that is one.
 *
 * @throws HttpProblem for a request at fault, and for a decision that is not in the ledger; the decision is a member
 */
export function decided<T extends PaymentAnswer | SimulatedAnswer>(answer: T): T {
  const { reason_codes, path } = answer.guardian;
  const fault = FAULTS.find((code) => reason_codes.includes(code));
  if (fault !== undefined) {
    throw new HttpProblem(fault, {
      ...fieldAt(
        path,
        answer.reasons.find(({ code }) => code === fault)?.text ?? PROBLEMS[fault].title,
      ),
      members: { decision: answer as unknown as JsonObject },
    });
  }
  if (!Object.hasOwn(answer, "recorded") || (answer as PaymentAnswer).recorded) return answer;
  const failure = FAILURES.find((code) => reason_codes.includes(code)) ?? "not_recorded";
  throw new HttpProblem(failure, {
    retryAfterMs: answer.retry_after_ms,
    members: { decision: answer as unknown as JsonObject },
  });
}

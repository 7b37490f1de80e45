/** Reads what came back: an answer of the service, a problem, or something that is neither. */
import type { Problem } from "./api-types.js";
import { ClientError } from "./client-error.js";

/** An answer that was read whole. */
export type WholeAnswer = Readonly<{ status: number; headers: Headers; text: string }>;

/**
 * Reads the answer to a call.
 *
 * @param isText whether the route answers with text, not with JSON
 * @throws ClientError the service's problem; `unexpected_answer` for what is neither
 */
export function readAnswer(answer: WholeAnswer, isText: boolean, attempts: number): unknown {
  if (answer.status !== 200) throw errorOf(answer, attempts);
  if (isText) return answer.text;
  const value = isJson(answer) ? parsed(answer.text) : undefined;
  // [unexpected_answer] a 200 that is no JSON comes from something else, such as a proxy's page
  if (value === undefined) throw unexpected(answer, attempts);
  return value;
}

/** Makes the error of an answer that is not 200. */
export function errorOf(answer: WholeAnswer, attempts: number): ClientError {
  const problem = problemOf(answer);
  if (problem === null) return unexpected(answer, attempts);
  return new ClientError(problem.code, `${problem.title}. ${problem.detail}`, {
    ...{ status: answer.status, problem, attempts },
    retry_after_ms: retryAfterMs(answer),
  });
}

const unexpected = (answer: WholeAnswer, attempts: number): ClientError =>
  new ClientError(
    "unexpected_answer",
    `The answer (HTTP ${answer.status}) is not one of the service. Check the address, and what stands in front of the service.`,
    { status: answer.status, retry_after_ms: retryAfterMs(answer), attempts },
  );

const isJson = ({ headers }: WholeAnswer): boolean =>
  /^application\/(?:problem\+)?json(?:;|$)/i.test(headers.get("content-type") ?? "");

/** Reads a problem; null for what is none. */
export function problemOf(answer: WholeAnswer): Problem | null {
  const value = isJson(answer) ? parsed(answer.text) : undefined;
  if (typeof value !== "object" || value === null) return null;
  const { code, title, detail } = value as Partial<Record<string, unknown>>;
  const isProblem = [code, title, detail].every((one) => typeof one === "string" && one !== "");
  return isProblem ? (value as Problem) : null;
}

/**
 * Reads after how many milliseconds the request may come again.
 *
 * @returns null where the answer does not say so, or by a date: its clock is another one
 */
export function retryAfterMs(answer: WholeAnswer): number | null {
  const exact = problemOf(answer)?.retry_after_ms;
  if (typeof exact === "number" && exact >= 0) return exact;
  const text = answer.headers.get("retry-after") ?? "";
  return /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Where `shield approve` has the terms of a payment from: a file, or the service. */
import { readFileSync } from "node:fs";
import { type PaymentTerms, paymentTermsSchema, type SignedApproval } from "@dgb-shield/client";
import { parseOwn, parseStrictJson } from "@dgb-shield/contract";
import { CommandError } from "../../errors.js";

const MAX_BYTES = 512_000;
const MAX_ENTRIES = 1_000;
const MAX_DEPTH = 8;
const TIMEOUT_MS = 15_000;

/** A service, and the approver's key to it. */
export type ServiceAccess = Readonly<{ url: string; token: string }>;

/**
 * Reads the terms in a file: the terms themselves, or an answer of the service that has them as `terms`.
 *
 * @throws CommandError `usage`
 */
export function termsInFile(path: string): PaymentTerms {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new CommandError("usage", `cannot read ${path}`, error);
  }
  return termsIn(text, path);
}

/**
 * Reads the terms of a payment from the service.
 *
 * @throws CommandError `usage`
 */
export const termsFromService = async (
  access: ServiceAccess,
  paymentId: string,
): Promise<PaymentTerms> =>
  termsIn(await ask(access, "GET", paymentPath(paymentId)), "the service's answer");

/**
 * Gives the service a signed approval.
 *
 * @throws CommandError `usage`
 */
export async function postApproval(access: ServiceAccess, signed: SignedApproval): Promise<void> {
  const path = `${paymentPath(signed.approval.payment_id)}/approvals`;
  await ask(access, "POST", path, JSON.stringify(signed));
}

const paymentPath = (id: string): string => `v1/payments/${encodeURIComponent(id)}`;

function termsIn(text: string, source: string): PaymentTerms {
  const value = parsed(text, source);
  const terms = Object.hasOwn(value, "terms") ? (value as { terms: unknown }).terms : value;
  if (terms === null) {
    throw new CommandError(
      "usage",
      `${source} has no terms: ask for the payment again (PUT /v1/payments/…), with destinations and max_fee`,
    );
  }
  const read = parseOwn(paymentTermsSchema, terms, {
    maxDepth: MAX_DEPTH,
    maxEntries: MAX_ENTRIES,
  });
  if (!read.ok) {
    throw new CommandError("usage", `${source} has no terms of a payment: invalid at ${read.path}`);
  }
  return read.value;
}

function parsed(text: string, source: string): object {
  try {
    if (text.length > MAX_BYTES) throw new Error("too large");
    const value = parseStrictJson(text);
    if (typeof value === "object" && value !== null) return value;
  } catch (error) {
    throw new CommandError("usage", `${source} is not JSON`, error);
  }
  throw new CommandError("usage", `${source} is no JSON object`);
}

async function ask(
  { url, token }: ServiceAccess,
  method: string,
  path: string,
  body?: string,
): Promise<string> {
  const base = url.endsWith("/") ? url : `${url}/`;
  if (!URL.canParse(path, base) || !/^https?:/.test(base)) {
    throw new CommandError("usage", `${url} is no address of a service`);
  }
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(new URL(path, base), {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body }),
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    text = await answer.text();
  } catch (error) {
    throw new CommandError("usage", `the service at ${url} does not answer`, error);
  }
  if (answer.ok) return text;
  throw new CommandError("usage", `the service refused (${answer.status}): ${problemIn(text)}`);
}

function problemIn(text: string): string {
  try {
    const { code, title, detail } = JSON.parse(text) as Record<string, unknown>;
    return [code, title, detail].filter((part) => typeof part === "string").join(": ");
  } catch {
    return "no reason was given";
  }
}

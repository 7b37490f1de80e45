/** A running service, asked over HTTP: what the gateway needs of it as a process of its own. */
import type { JsonObject } from "@dgb-shield/contract";
import { Agent, request } from "undici";
import type { z } from "zod";
import type { CallCounts } from "./call-reports.js";
import { decisionsAnswer } from "../service/http/schemas/decisions.js";
import {
  incidentsAnswer,
  lockdownAnswer,
  telemetryAnswer,
} from "../service/http/schemas/evidence.js";
import {
  claimAnswer,
  operationAnswer,
  paymentAnswer,
  paymentList,
  paymentView,
} from "../service/http/schemas/payments.js";
import type { Service } from "../service/service.js";
import type { PaymentPort } from "./hook.js";

/** The service as the gateway uses it. */
export type RemoteService = PaymentPort &
  Pick<Service, "defense" | "incidents"> &
  Readonly<{
    /** Reports calls of the gateway; rejects where the report may be lost. */
    reportCalls(counts: CallCounts): Promise<void>;
    close(): Promise<void>;
  }>;

/** How long one call may take, in milliseconds. */
const TIMEOUT_MS = 15_000;
/** Bytes of an answer at most. */
const MAX_BYTES = 16_000_000;

type Call = Readonly<{ method: "GET" | "PUT" | "POST"; path: string; body?: object }>;
type Answer = Readonly<{ status: number; body: JsonObject }>;

/**
 * Makes the port. A call whose outcome is not known rejects, and so does an answer of another form: the gateway refuses then, or
 * asks again.
 *
 * @param url where the service listens
 * @param token of a key with the role wallet
 */
export function remoteService({
  url,
  token,
}: Readonly<{ url: string; token: string }>): RemoteService {
  const agent = new Agent({ connections: 64, bodyTimeout: TIMEOUT_MS, headersTimeout: TIMEOUT_MS });
  const call = caller(url, token, agent);
  const payment = (id: string): string => `/v1/payments/${encodeURIComponent(id)}`;
  return Object.freeze({
    async decide(given) {
      const { withdrawal_id: id, ...body } = given;
      const path = payment(typeof id === "string" ? id : "");
      const answer = await call({ method: "PUT", path, body });
      // A decision that is a problem is a member of it.
      const decision = answer.status === 200 ? answer.body : answer.body["decision"];
      return read(paymentAnswer, decision, answer);
    },
    async claim(id, body) {
      const answer = await call({ method: "POST", path: `${payment(id)}/claim`, body });
      return read(claimAnswer, answer.body, answer);
    },
    async commit(id, body) {
      const answer = await call({ method: "POST", path: `${payment(id)}/commit`, body });
      return read(operationAnswer, answer.body, answer);
    },
    async releaseUnsent(id, { reason, signer_id, not_executed }) {
      const body = { reason, signer_id, not_executed };
      const answer = await call({ method: "POST", path: `${payment(id)}/release`, body });
      return read(operationAnswer, answer.body, answer);
    },
    async payment(id) {
      const answer = await call({ method: "GET", path: payment(id) });
      if (answer.status === 404) return { missing: true };
      return read(paymentView, answer.body, answer);
    },
    async payments({ after, limit, status }) {
      const query = new URLSearchParams();
      for (const [name, value] of Object.entries({ after, limit, status })) {
        if (value !== undefined) query.set(name, String(value));
      }
      const answer = await call({ method: "GET", path: `/v1/payments?${query.toString()}` });
      return { accepted: true, ...read(paymentList, answer.body, answer) };
    },
    async decisions({ before, limit, final }) {
      const query = new URLSearchParams({ limit: String(limit) });
      if (before !== undefined) query.set("before", String(before));
      if (final !== undefined) query.set("final", final);
      const answer = await call({ method: "GET", path: `/v1/decisions?${query.toString()}` });
      return read(decisionsAnswer, answer.body, answer);
    },
    async reportCalls(body) {
      const answer = await call({ method: "POST", path: "/v1/telemetry", body });
      read(telemetryAnswer, answer.body, answer);
    },
    async defense() {
      const answer = await call({ method: "GET", path: "/v1/lockdown" });
      return read(lockdownAnswer, answer.body, answer);
    },
    async incidents() {
      const answer = await call({ method: "GET", path: "/v1/incidents" });
      return read(incidentsAnswer, answer.body, answer).incidents;
    },
    close: () => agent.close(),
  } as RemoteService);
}

/** @throws Error for an answer of another form: with the service's code, never with its content */
function read<S extends z.ZodType>(
  schema: S,
  body: unknown,
  { status, body: whole }: Answer,
): z.output<S> {
  const { success, data } = schema.safeParse(body);
  if (success) return data;
  const { code } = whole;
  const named = typeof code === "string" && /^[a-z_]{1,64}$/.test(code) ? ` ${code}` : "";
  throw new Error(`the service answered ${status}${named}`);
}

function caller(url: string, token: string, agent: Agent): (call: Call) => Promise<Answer> {
  return async ({ method, path, body }) => {
    const { statusCode, body: stream } = await request(new URL(path, url), {
      ...{ method, dispatcher: agent },
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) throw new Error("the service's answer is too large");
      chunks.push(chunk);
    }
    const text = Buffer.concat(chunks).toString("utf8");
    return { status: statusCode, body: JSON.parse(text) as JsonObject };
  };
}

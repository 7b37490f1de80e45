/** Calls a running service with a key, for commands. */
import { parseStrictJson } from "@dgb-shield/contract";
import { request } from "undici";
import { CommandError } from "../../errors.js";
import { printable } from "../../timeline/format.js";
import { tokenIn } from "../serve/token.js";

/** Which service, with which key. */
export type ApiOptions = Readonly<{ url: string; keyFile?: string }>;

type Call = Readonly<{ method: "GET" | "POST"; path: string; body?: object }>;

const TIMEOUT_MS = 15_000;
const MAX_BYTES = 16_000_000;

/**
 * Calls a route.
 *
 * @returns the answer's body
 * @throws CommandError `usage` where the service does not answer, or refuses
 */
export async function callService(
  { url, keyFile }: ApiOptions,
  env: NodeJS.ProcessEnv,
  { method, path, body }: Call,
): Promise<unknown> {
  const token = tokenIn(keyFile, env);
  const target = targetOf(url, path);
  const { statusCode, text } = await sent(target, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (statusCode === 200) return parsed(text);
  throw new CommandError("usage", `${target.origin} answers ${statusCode}: ${problemIn(text)}`);
}

async function sent(target: URL, options: NonNullable<Parameters<typeof request>[1]>) {
  try {
    const { statusCode, body } = await request(target, options);
    let text = "";
    for await (const chunk of body) {
      text += Buffer.from(chunk as Uint8Array).toString("utf8");
      if (text.length > MAX_BYTES) throw new Error("too large");
    }
    return { statusCode, text };
  } catch (error) {
    throw new CommandError("usage", `${target.origin} does not answer: nothing is known`, error);
  }
}

function targetOf(url: string, path: string): URL {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return new URL(path, url);
  throw new CommandError("usage", "--url must be an address such as http://127.0.0.1:8480");
}

function parsed(text: string): unknown {
  try {
    return parseStrictJson(text);
  } catch (error) {
    throw new CommandError("usage", "the answer is no JSON of this service", error);
  }
}

/** What is wrong with single fields of a request. */
const faultsIn = (errors: unknown): string[] =>
  !Array.isArray(errors)
    ? []
    : (errors as readonly Record<string, unknown>[]).map(
        ({ pointer, detail }) => `${String(pointer)}: ${String(detail)}`,
      );

function problemIn(text: string): string {
  try {
    const { code, detail, errors } = JSON.parse(text) as Record<string, unknown>;
    const parts = [code, detail].filter((part) => typeof part === "string").join(": ");
    return printable([parts, ...faultsIn(errors)].join("; "));
  } catch {
    return "no reason was given";
  }
}

/** `shield status`: the answer of a running service to "may I pay out now, and why (not)?". */
import { z } from "zod";
import { request } from "undici";
import { CommandError } from "../../errors.js";
import { SERVICE_STATES } from "../../service/service.js";
import type { CommandIo } from "../command-io.js";
import { tokenIn } from "./token.js";

/** What the command is given. */
export type StatusOptions = Readonly<{ url: string; keyFile?: string; json: boolean }>;

/** Exit codes of `shield status`: 0 alone means that payments are decided by their own merits. */
export const STATUS_EXIT = {
  open: 0,
  unreachable: 1,
  refused: 2,
  restricted: 20,
  stopped: 21,
  blind: 22,
} as const;

/** How long the service has to answer, in milliseconds. */
const TIMEOUT_MS = 10_000;
/** Bytes of an answer at most. */
const MAX_BYTES = 4_000_000;

const text = () => z.string().transform(printable);
const answerSchema = z.object({
  state: z.enum(SERVICE_STATES),
  summary: text(),
  since_ms: z.int(),
  cause: z.object({ code: text(), text: text() }).nullable(),
  remedies: z.array(z.object({ role: text(), text: text() })),
  observing: z.boolean(),
  evidence: z.enum(["live", "recording"]),
  wallets: z.array(
    z.object({ wallet_id: text(), mode: text(), state: text(), cause: text().nullable() }),
  ),
});

/**
 * Asks a running service.
 *
 * @returns the exit code, see `STATUS_EXIT`
 * @throws CommandError `usage` without a key
 */
export async function status(
  { url, keyFile, json }: StatusOptions,
  { stdout, stderr, env, stop }: CommandIo,
): Promise<number> {
  const key = tokenIn(keyFile, env);
  const target = targetOf(url);
  try {
    const { statusCode, body } = await request(target, {
      headers: { authorization: `Bearer ${key}` },
      signal: AbortSignal.any([stop, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    const answer = await bounded(body);
    if (statusCode !== 200) {
      const isRefused = statusCode === 401 || statusCode === 403;
      stderr.write(`shield: ${target.origin} answers ${statusCode}: ${detailOf(answer)}\n`);
      return isRefused ? STATUS_EXIT.refused : STATUS_EXIT.unreachable;
    }
    const found = answerSchema.parse(JSON.parse(answer));
    stdout.write(
      json ? `${JSON.stringify(JSON.parse(answer))}\n` : `${linesOf(found).join("\n")}\n`,
    );
    return STATUS_EXIT[found.state];
  } catch (error) {
    const reason =
      error instanceof Error && "code" in error ? String(error.code) : "no usable answer";
    stderr.write(
      `shield: ${target.origin} does not answer (${printable(reason)}): treat payments as refused\n`,
    );
    return STATUS_EXIT.unreachable;
  }
}

function targetOf(url: string): URL {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))
    return new URL("/v1/status", url);
  throw new CommandError("usage", "--url must be an address such as http://127.0.0.1:8480");
}

async function bounded(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Error("the answer is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Gives the remedy of a problem. */
function detailOf(answer: string): string {
  try {
    const { code, detail } = z.object({ code: text(), detail: text() }).parse(JSON.parse(answer));
    return `${code}: ${detail}`;
  } catch {
    return "no problem of this service";
  }
}

/** Text of a service moves no cursor and breaks no line of a terminal. */
function printable(value: string): string {
  return value.replaceAll(/\p{Cc}/gu, "?").slice(0, 1_000);
}

function linesOf(found: z.output<typeof answerSchema>): string[] {
  const held = found.wallets.filter(({ state }) => state !== "open");
  return [
    `${found.state}: ${found.summary}`,
    `  since ${new Date(found.since_ms).toISOString()}`,
    ...(found.cause === null ? [] : [`  cause: ${found.cause.code}: ${found.cause.text}`]),
    ...found.remedies.map(({ role, text: remedy }) => `  ${role}: ${remedy}`),
    ...held.map(
      ({ wallet_id, state, cause }) =>
        `  wallet ${wallet_id}: ${state}${cause === null ? "" : `: ${cause}`}`,
    ),
    ...(found.observing ? ["  observing: refusals of some wallets hold nothing back"] : []),
    ...(found.evidence === "recording" ? ["  THE EVIDENCE IS A RECORDING: for trials alone"] : []),
  ];
}

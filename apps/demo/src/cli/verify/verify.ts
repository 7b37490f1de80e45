/** `shield verify`: decides on the signer's machine, without any connection, whether a transaction may be signed. */
import { readFileSync } from "node:fs";
import type { PinsInput } from "@dgb-shield/client";
import { CHAINS } from "@dgb-shield/chain";
import { addressOf } from "@dgb-shield/chain/decode";
import { parseStrictJson } from "@dgb-shield/contract";
import {
  createUsedFolder,
  createVerifier,
  type Refused,
  type Signable,
  type Verified,
} from "@dgb-shield/client/verify";
import { CommandError, EXIT } from "../../errors.js";
import { printable } from "../../timeline/format.js";

/** Options of `shield verify`. */
export type VerifySigningOptions = Readonly<{
  token: string;
  psbt?: string;
  tx?: string;
  previous: readonly string[];
  descriptors: string;
  pins: string;
  /** Folder of used tokens; absent with `inspect`. */
  used?: string;
  inspect: boolean;
  json: boolean;
}>;

const MAX_BYTES = 40_000_000;
const PSBT_MAGIC = "70736274ff";

/**
 * Verifies, and prints what may be signed, or why it is refused.
 *
 * @returns `EXIT.done`, or `EXIT.refused`
 * @throws CommandError `usage` where a file cannot be read
 */
export async function verifySigning(
  options: VerifySigningOptions,
  stdout: Readonly<{ write(text: string): unknown }>,
  nowMs: number,
): Promise<number> {
  const { used, inspect } = options;
  if (inspect === (used !== undefined)) {
    throw new CommandError("usage", "give --used with the folder of used tokens, or --inspect");
  }
  const pins = jsonIn(options.pins) as PinsInput;
  const made = createVerifier({ pins, descriptors: jsonIn(options.descriptors) });
  const answer = made.ok
    ? await answerOf(made.value, { ...requestOf(options), now_ms: nowMs }, used)
    : made;
  const text = options.json
    ? JSON.stringify(answer)
    : textOf(answer, { isRecorded: !inspect, genesis: pins.genesis, nowMs }).join("\n");
  stdout.write(`${text}\n`);
  return answer.ok ? EXIT.done : EXIT.refused;
}

type Made = Extract<ReturnType<typeof createVerifier>, { ok: true }>["value"];

const answerOf = (
  verifier: Made,
  request: Parameters<Made["inspect"]>[0],
  used: string | undefined,
): Promise<Verified | Refused> | Verified | Refused =>
  used === undefined ? verifier.inspect(request) : verifier.verify(request, createUsedFolder(used));

function requestOf({
  token,
  psbt,
  tx,
  previous,
}: VerifySigningOptions): Signable & Readonly<{ token: string }> {
  if ((psbt === undefined) === (tx === undefined)) {
    throw new CommandError("usage", "give --psbt, or --tx with --previous for each input");
  }
  const signed = { token: bytesIn(token).toString("utf8").trim() };
  return psbt !== undefined
    ? { ...signed, psbt: psbtIn(psbt) }
    : { ...signed, tx: textIn(tx ?? ""), previous: previous.map(textIn) };
}

/** A PSBT as bytes, or as Base64 text. */
function psbtIn(path: string): string | Uint8Array {
  const bytes = bytesIn(path);
  const isBinary = bytes.subarray(0, 5).toString("hex") === PSBT_MAGIC;
  return isBinary ? bytes : bytes.toString("utf8").trim();
}

const textIn = (path: string): string => bytesIn(path).toString("utf8").trim();

function jsonIn(path: string): unknown {
  try {
    return parseStrictJson(bytesIn(path));
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError("usage", `${path} is not JSON`, error);
  }
}

function bytesIn(path: string): Buffer {
  try {
    const bytes = readFileSync(path);
    if (bytes.length > MAX_BYTES) throw new Error("it is too large");
    return bytes;
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new CommandError("usage", `cannot read ${path}: ${detail}`, error);
  }
}

type Shown = Readonly<{ isRecorded: boolean; genesis: string; nowMs: number }>;

function textOf(answer: Verified | Refused, { isRecorded, genesis, nowMs }: Shown): string[] {
  if (!answer.ok) {
    const { code, path, text } = answer;
    return [`REFUSED: ${code}${path === "" ? "" : ` at ${path}`}`, text];
  }
  const chain = CHAINS.find((one) => one.genesis?.hash === genesis);
  const place = (script: string): string =>
    (chain === undefined ? null : addressOf(chain, script)) ?? `the script ${script}`;
  const seconds = Math.max(0, Math.floor((answer.expires_at_ms - nowMs) / 1_000));
  return [
    isRecorded
      ? `SIGN: within ${seconds} s, and nothing else than this`
      : "INSPECTED: whether it was signed before is not excluded; do not sign on this",
    `payment     ${printable(answer.payment_id)} from ${printable(answer.wallet_id)}`,
    ...answer.payouts.map(({ script, amount }) => `pays        ${amount} to ${place(script)}`),
    ...answer.change.map(({ script, amount }) => `change      ${amount} to ${place(script)}`),
    `fee         ${answer.fee} of at most ${answer.max_fee}`,
    `approved by ${answer.approvers.map(printable).join(", ")}`,
    `transaction ${answer.txid}`,
    "A recall by the service is not seen here.",
  ];
}

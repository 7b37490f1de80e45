/** `shield approve`: shows what a payment pays, and signs it with a local key. */
import { createInterface } from "node:readline/promises";
import {
  type Approver,
  createApproverKey,
  KeyFileProblem,
  readApproverKey,
  signApproval,
} from "@dgb-shield/client/approve";
import { CommandError, EXIT } from "../../errors.js";
import type { CommandIo } from "../command-io.js";
import { postApproval, type ServiceAccess, termsFromService, termsInFile } from "./terms-source.js";
import { termsText } from "./terms-text.js";

/** Options of `shield approve`. */
export type ApproveOptions = Readonly<{
  /** File of the approver's key. */
  key?: string;
  /** Address of the service; its bearer token is in the environment. */
  service?: string;
  /** File of the terms, in place of the service. */
  file?: string;
  /** Seconds for which the approval counts. */
  valid: number;
  yes: boolean;
  json: boolean;
}>;

/** Options of `shield approve keygen`. */
export type ApproveKeygenOptions = Readonly<{ approver: string; key: string; keyId?: string }>;

type Io = Pick<CommandIo, "stdout" | "stderr" | "env"> &
  Readonly<{ stdin: NodeJS.ReadStream; nowMs: number }>;

/** Variable that holds the bearer token of the approver. */
export const TOKEN_VARIABLE = "SHIELD_KEY";

/**
 * Approves one payment.
 *
 * @param paymentId undefined where the terms come from a file
 * @returns `EXIT.done`, or `EXIT.refused` where the person declines
 * @throws CommandError `usage`
 */
export async function approve(
  paymentId: string | undefined,
  options: ApproveOptions,
  io: Io,
): Promise<number> {
  const access = accessOf(options, io.env);
  const { key, file } = options;
  if (key === undefined) throw new CommandError("usage", "give --key with the approver's key");
  const approver = withProblem(() => readApproverKey(key));
  const terms =
    file !== undefined
      ? termsInFile(file)
      : await termsFromService(required(access), paymentId ?? "");
  if (paymentId !== undefined && terms.payment_id !== paymentId) {
    throw new CommandError("usage", `these are the terms of another payment: ${terms.payment_id}`);
  }
  const expires_at_ms = io.nowMs + Math.round(options.valid * 1_000);
  io.stderr.write(`${termsText(terms, expires_at_ms).join("\n")}\n`);
  if (!options.yes && !(await confirmed(approver, io))) {
    io.stderr.write("nothing was signed\n");
    return EXIT.refused;
  }
  const signed = signApproval({ ...terms, expires_at_ms }, approver);
  if (access !== undefined) await postApproval(access, signed);
  const isShown = options.json || access === undefined;
  io.stdout.write(
    isShown
      ? `${JSON.stringify(signed)}\n`
      : `approved as ${approver.approver}: ask for the payment again\n`,
  );
  return EXIT.done;
}

function accessOf({ service, file }: ApproveOptions, env: Io["env"]): ServiceAccess | undefined {
  if (service === undefined) {
    if (file === undefined) throw new CommandError("usage", "give --service, or --file");
    return undefined;
  }
  const token = env[TOKEN_VARIABLE];
  if (token === undefined || token === "") {
    throw new CommandError("usage", `set ${TOKEN_VARIABLE} to the approver's key to the service`);
  }
  return { url: service, token };
}

function required(access: ServiceAccess | undefined): ServiceAccess {
  if (access === undefined) throw new CommandError("usage", "give --service, or --file");
  return access;
}

async function confirmed({ approver }: Approver, { stdin, stderr }: Io): Promise<boolean> {
  if (!stdin.isTTY) {
    throw new CommandError("usage", "there is no terminal to ask at: check the terms, give --yes");
  }
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    const answer = await lines.question(`Sign this as ${approver}? Type yes: `);
    return answer.trim() === "yes";
  } finally {
    lines.close();
  }
}

/**
 * Makes an approver's key, and prints the public half as configuration and pins have it.
 *
 * @throws CommandError `usage`
 */
export function approveKeygen(
  { approver, key, keyId }: ApproveKeygenOptions,
  { stdout, stderr, nowMs }: Pick<Io, "stdout" | "stderr" | "nowMs">,
): number {
  const day = new Date(nowMs).toISOString().slice(0, 10);
  const key_id = keyId ?? `${approver.replaceAll(/[^A-Za-z0-9]/g, "-")}-${day}`;
  const shown = withProblem(() => createApproverKey(key, { approver, key_id }));
  stderr.write(
    `${key} signs and stays secret. Register this under approvers, and pin it at each signer:\n`,
  );
  stdout.write(`${JSON.stringify(shown)}\n`);
  return EXIT.done;
}

function withProblem<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof KeyFileProblem)) throw error;
    throw new CommandError("usage", error.message, error);
  }
}

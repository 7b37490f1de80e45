/** `shield propose` and `shield proposals`: governed changes of a running service. */
import { randomBytes } from "node:crypto";
import type { z } from "zod";
import { CommandError, EXIT } from "../../errors.js";
import type { changeSchema } from "../../service/governance/change.js";
import { governedIn } from "../../service/governance/governed-config.js";
import { proposalAnswer, proposalsAnswer } from "../../service/http/schemas/proposals.js";
import type { Role } from "../../service/keys/key.js";
import { createToken } from "../../service/keys/token.js";
import type { CommandIo } from "../command-io.js";
import { configOf, type ConfigOptions } from "../config/config-options.js";
import { type ProposalAnswer, proposalLines, proposalText } from "./proposal-text.js";
import { type ApiOptions, callService } from "./service-api.js";

type Io = Pick<CommandIo, "stdout" | "stderr" | "env">;
type ChangeInput = z.input<typeof changeSchema>;

/** Options of every proposal. */
export type ProposeOptions = ApiOptions & Readonly<{ reason: string; json: boolean }>;

/**
 * Proposes a change.
 *
 * @returns the exit code
 * @throws CommandError `usage`
 */
export async function propose(
  change: ChangeInput,
  options: ProposeOptions,
  { stdout, stderr, env }: Io,
): Promise<number> {
  const one = await proposed(change, options, env);
  if (options.json) stdout.write(`${JSON.stringify(one)}\n`);
  else stderr.write(waitingText(one, options));
  return EXIT.done;
}

async function proposed(
  change: ChangeInput,
  options: ProposeOptions,
  env: Io["env"],
): Promise<ProposalAnswer> {
  const body = { change, reason: options.reason };
  const call = { method: "POST", path: "/v1/proposals", body } as const;
  return read(proposalAnswer, await callService(options, env, call));
}

const waitingText = (one: ProposalAnswer, { url }: ProposeOptions): string =>
  `${proposalText(one).join("\n")}\nOthers approve it: shield proposals approve ${one.proposal_id} --url ${url}\n`;

/** Options of a new key. */
export type ProposeKeyOptions = ProposeOptions &
  Readonly<{
    role: Role;
    name: string;
    wallet: readonly string[];
    operator?: string;
    node: readonly string[];
    /** Seconds from now. */
    expires?: number;
    /** Ids of keys that it takes the place of. */
    revoke: readonly string[];
  }>;

/** Proposes a new key; its token is made here, printed once, and never sent. */
export async function proposeKey(options: ProposeKeyOptions, io: Io): Promise<number> {
  const { role, name, wallet, operator, node, expires, revoke } = options;
  const { id, hash, token } = createToken(randomBytes);
  const key = {
    ...{ id, hash, role, name, wallets: wallet.length === 0 ? null : [...wallet] },
    reports_for: operator === undefined ? null : { operator, node_ids: [...node] },
    expires_at_ms: expires === undefined ? null : Math.round(Date.now() + expires * 1_000),
  };
  const one = await proposed({ kind: "keys", add: [key], revoke: [...revoke] }, options, io.env);
  if (options.json) io.stdout.write(`${JSON.stringify({ ...one, token })}\n`);
  else {
    io.stderr.write(waitingText(one, options));
    io.stderr.write(
      "Its token, which is not shown again, and counts once the proposal was carried out:\n",
    );
    io.stdout.write(`${token}\n`);
  }
  return EXIT.done;
}

/** Proposes the configuration that a command line names. */
export function proposeConfiguration(
  options: ProposeOptions & ConfigOptions,
  io: Io,
): Promise<number> {
  const { digest, governed } = governedIn(configOf(options, io.env));
  io.stderr.write(`configuration ${digest}\n`);
  return propose({ kind: "configuration", governed }, options, io);
}

/** Lists proposals. */
export async function listProposals(
  options: ApiOptions & Readonly<{ all: boolean; json: boolean }>,
  { stdout, stderr, env }: Io,
): Promise<number> {
  const path = `/v1/proposals?state=${options.all ? "all" : "pending"}`;
  const found = read(proposalsAnswer, await callService(options, env, { method: "GET", path }));
  if (options.json) stdout.write(`${JSON.stringify(found)}\n`);
  else if (found.governance === null) stderr.write("changes are not governed here\n");
  else {
    stdout.write(found.proposals.map((one) => `${proposalLines(one).join("\n")}\n`).join(""));
    if (found.proposals.length === 0) stderr.write("no proposal waits\n");
  }
  return EXIT.done;
}

/** What is done with one proposal. */
export type ProposalAct = "show" | "approve" | "reject" | "withdraw";

/** Shows a proposal, or votes on it, or withdraws it. */
export async function actOn(
  act: ProposalAct,
  id: string,
  options: ApiOptions & Readonly<{ reason?: string; json: boolean }>,
  { stdout, env }: Io,
): Promise<number> {
  const place = `/v1/proposals/${encodeURIComponent(id)}`;
  const body = options.reason === undefined ? {} : { reason: options.reason };
  const call =
    act === "show"
      ? ({ method: "GET", path: place } as const)
      : ({ method: "POST", path: `${place}/${act}`, body } as const);
  const one: ProposalAnswer = read(proposalAnswer, await callService(options, env, call));
  stdout.write(options.json ? `${JSON.stringify(one)}\n` : `${proposalText(one).join("\n")}\n`);
  return EXIT.done;
}

function read<S extends z.ZodType>(schema: S, answer: unknown): z.output<S> {
  const { success, data } = schema.safeParse(answer);
  if (success) return data;
  throw new CommandError("usage", "the answer is not one of this version's service");
}

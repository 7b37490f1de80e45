/** `shield init`: makes configuration, folder, ledger and first keys of a deployment; what is there stays as it is. */
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { ServiceError } from "../../service/runtime/errors.js";
import { loadRecording } from "../../service/runtime/player.js";
import { CommandError, EXIT } from "../../errors.js";
import { CONFIG_FILE } from "../../service/config/load.js";
import type { ServiceConfig } from "../../service/config/service-config.js";
import { configTemplate } from "../../service/config/template.js";
import { type AddedKey, addKeys } from "../../service/keys/change-keys.js";
import type { CommandIo } from "../command-io.js";
import { configOf } from "../config/config-options.js";
import { lockFolder } from "../folder-lock.js";
import { type NodeOptions, nodesOf } from "../live/nodes.js";
import { makeLedger } from "../ledger/open-ledger.js";
import { chainOfNode, firstConfig } from "./first-config.js";

/** Options of `shield init`. */
export type InitOptions = NodeOptions &
  Readonly<{
    dir: string;
    operator?: string;
    deployment?: string;
    recording?: string;
    governance?: string;
    yes: boolean;
    json: boolean;
  }>;

type Io = Pick<CommandIo, "stdout" | "stderr" | "env" | "stop">;

/** Roles of the first keys, besides those of operators. */
const FIRST_ROLES = ["wallet", "reader"] as const;

/**
 * Makes what a deployment needs, in an order in which a killed run can be repeated: configuration, data folder, ledger,
 * keys. Each is made whole or not at all, and nothing is made anew that a complete deployment has lost.
 *
 * @returns the exit code
 * @throws CommandError `usage` where everything is there already; `bad_config`, `bad_data_folder`
 */
export async function init(options: InitOptions, io: Io): Promise<number> {
  const folder = resolve(options.dir);
  const path = join(folder, CONFIG_FILE);
  const isNew = !existsSync(path);
  if (isNew) {
    const text = await firstText(options, io);
    if (!(await confirmed(path, options, io))) return EXIT.interrupted;
    doing("folder", () => makeFolder(folder));
    doing("configuration", () => writeOnce(path, text));
  } else if (isGiven(options)) {
    throw new CommandError(
      "usage",
      `${path} is there already, and stays as it is: change it by hand, or give another folder with --dir`,
    );
  }
  const config = configOf({ config: path, set: [] }, io.env);
  doing("data folder", () => makePrivate(config.data_dir));
  const unlock = await locked(config.data_dir);
  try {
    const governed = config.governance;
    const count = governanceIn(options)?.keys ?? (governed === null ? 1 : governed.approvals + 2);
    const keys = await complete(config, { path, isNew, operators: count }, io);
    print({ path, config, keys, isNew }, options, io);
    return EXIT.done;
  } finally {
    unlock();
  }
}

const isGiven = ({
  node,
  chain,
  operator,
  deployment,
  recording,
  governance,
}: InitOptions): boolean =>
  node.length > 0 ||
  [chain, operator, deployment, recording, governance].some((one) => one !== undefined);

/**
 * Reads `m-of-n`.
 *
 * @throws CommandError `usage`
 */
function governanceIn({ governance }: InitOptions): { approvals: number; keys: number } | null {
  if (governance === undefined) return null;
  const [, m, n] = /^(\d{1,2})-of-(\d{1,2})$/.exec(governance) ?? [];
  const [approvals, keys] = [Number(m), Number(n)];
  if (approvals >= 1 && approvals <= 16 && keys > approvals) return { approvals, keys };
  throw new CommandError("usage", "--governance: give m-of-n with n above m, such as 2-of-4");
}

async function firstText(options: InitOptions, { env }: Io): Promise<string> {
  const { node, recording, operator = "site-1", deployment } = options;
  if (recording !== undefined && node.length > 0) {
    throw new CommandError("usage", "give --node, or --recording for a trial");
  }
  const nodes = node.length === 0 ? [] : nodesOf(options, env);
  const [first] = nodes;
  const chain = options.chain ?? (await chainFound(first, recording));
  return configTemplate(
    firstConfig({
      chain,
      operator,
      deployment,
      // Relative paths of a command line begin in the working directory, those of the file beside it.
      nodes: nodes.map((one) => ({ ...one, node: { ...one.node, ...absolute(one.node.auth) } })),
      recording: recording === undefined ? undefined : resolve(recording),
      approvals: governanceIn(options)?.approvals,
    }),
  );
}

/** The chain of the first node, or of the recording; DigiByte's where there is neither. */
async function chainFound(
  node: ReturnType<typeof nodesOf>[number] | undefined,
  recording: string | undefined,
): Promise<string> {
  if (node !== undefined) return chainOfNode(node);
  if (recording === undefined) return "digibyte";
  try {
    return loadRecording(resolve(recording)).chain.name;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw new CommandError("bad_recording", error.message, error);
  }
}

const absolute = (auth: ReturnType<typeof nodesOf>[number]["node"]["auth"]) =>
  auth !== undefined && "cookie_file" in auth && !auth.cookie_file.startsWith("~/")
    ? { auth: { cookie_file: resolve(auth.cookie_file) } }
    : {};

async function confirmed(
  path: string,
  { yes }: InitOptions,
  { stderr, stop }: Io,
): Promise<boolean> {
  if (yes) return true;
  if (!process.stdin.isTTY) {
    throw new CommandError("usage", `add --yes to make ${path} and a data folder beside it`);
  }
  const lines = createInterface({ input: process.stdin, output: stderr });
  try {
    const answer = await lines.question(`make ${path} and a data folder beside it? (y/n) `, {
      signal: stop,
    });
    return /^y(es)?$/i.test(answer.trim());
  } catch {
    return false;
  } finally {
    lines.close();
  }
}

type Begun = Readonly<{
  path: string;
  isNew: boolean;
  /** How many operators get keys. */
  operators: number;
}>;

/** Makes the ledger, then the keys, which end the setting up. */
async function complete(
  config: ServiceConfig,
  { path, operators }: Begun,
  { stderr }: Io,
): Promise<readonly AddedKey[]> {
  if (existsSync(config.keys_file)) {
    const detail = `${path} is set up already; nothing was changed. A token that was not seen: \`shield keys rotate\`. A ledger that is missing: restore it, then \`shield ledger adopt\``;
    throw new CommandError("usage", detail);
  }
  stderr.write("making the ledger …\n");
  await makeLedger(config);
  const none = { wallets: null, reports_for: null, expires_at_ms: null };
  return addKeys(
    { path: config.keys_file, nowMs: Date.now, random: randomBytes },
    [
      // Each is of another person: two keys of one name would be one vote.
      ...Array.from({ length: operators }, (_, at) => ({
        role: "operator" as const,
        name: operators === 1 ? "first operator" : `operator ${at + 1}`,
        ...none,
      })),
      ...FIRST_ROLES.map((role) => ({ role, name: `first ${role}`, ...none })),
    ],
    { create: true },
  );
}

type Made = Readonly<{ config: ServiceConfig; keys: readonly AddedKey[] }> &
  Omit<Begun, "operators">;

function print(
  { path, config, keys, isNew }: Made,
  { json }: InitOptions,
  { stdout, stderr }: Io,
): void {
  const shown = keys.map(({ key: { id, role }, token }) => ({ id, role, token }));
  if (json) {
    const { data_dir, deployment_id } = config;
    stdout.write(`${JSON.stringify({ config: path, data_dir, deployment_id, keys: shown })}\n`);
    return;
  }
  const near = relative(process.cwd(), path);
  const name = near.startsWith("..") ? path : near;
  const { max_per_tx, max_24h, limits } = config.guardian;
  stderr.write(
    [
      `${isNew ? "made" : "completed"} ${name} and ${config.data_dir}`,
      `It observes: refusals are recorded and stop no payment, until mode is enforce.`,
      `Limits: ${max_per_tx ?? "no limit"} coins at once, ${max_24h ?? "no limit"} of a wallet and ${limits.account?.max_24h ?? "no limit"} of an account in 24 hours. Set your own in ${name}.`,
      "Keys, which are not shown again (only hashes are stored):",
      "",
    ].join("\n"),
  );
  if (config.governance !== null) {
    const { approvals } = config.governance;
    stderr.write(
      `Changes are governed from the first start on: give each operator's key to another person; what loosens needs ${approvals} besides the one who proposes.\n`,
    );
  }
  // The name is what a vote counts by.
  const nameOf = (at: number) => (config.governance === null ? "" : `  ${keys[at]?.key.name}`);
  shown.forEach(({ role, token }, at) => {
    stdout.write(`${role.padEnd(8)} ${token}${nameOf(at)}\n`);
  });
  const flag = name === CONFIG_FILE ? "" : ` --config ${name}`;
  stderr.write(`Next: shield doctor${flag}, then shield serve${flag}\n`);
}

async function locked(folder: string): Promise<() => void> {
  try {
    return await lockFolder(folder);
  } catch (error) {
    const detail = `another command uses ${folder}: wait for it to end`;
    throw new CommandError("bad_data_folder", detail, error);
  }
}

/** One level at a time: Node's recursive mkdir never ends where a file system answers ENOENT, as /proc does. */
function makeFolder(path: string, mode = 0o755): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  mkdirSync(path, { mode });
}

/** Makes the data folder; one that is there and empty becomes private. */
function makePrivate(path: string): void {
  makeFolder(path, 0o700);
  if (readdirSync(path).length === 0) chmodSync(path, 0o700);
}

/** Writes a file whole, and never over another one. */
function writeOnce(path: string, text: string): void {
  const draft = `${path}.${process.pid}.new`;
  try {
    writeFileSync(draft, text, { mode: 0o600 });
    sync(draft);
    linkSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
  sync(dirname(path));
}

function sync(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function doing<T>(what: string, task: () => T): T {
  try {
    return task();
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new CommandError("bad_data_folder", `cannot make the ${what}: ${detail}`, error);
  }
}

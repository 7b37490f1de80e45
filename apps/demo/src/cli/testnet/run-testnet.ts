/** `shield testnet`: runs a testnet until it is stopped. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { CommandError, EXIT, Interrupted } from "../../errors.js";
import { createEvents, type TestnetEvents } from "../../testnet/events.js";
import { findProgram, type ProgramName } from "../../testnet/programs.js";
import { startTestnet, type Testnet } from "../../testnet/run.js";
import { FOLDER_PREFIX } from "../../testnet/testnet-file.js";
import { paintFor } from "../../timeline/format.js";
import type { CommandIo } from "../command-io.js";
import { lineOf } from "./lines.js";

/** What the command is given. */
export type RunTestnetOptions = Readonly<{
  dir?: string;
  program?: ProgramName;
  /** Seconds. */
  spacing: number;
  /** Payments a second. */
  rate: number;
  port: number;
  gatewayPort: number;
  json: boolean;
}>;

/**
 * Runs a testnet until `stop`, then ends every process of it.
 *
 * @returns the exit code
 * @throws CommandError where no node program is installed, the folder cannot be used, or something does not start
 */
export async function runTestnet(
  options: RunTestnetOptions,
  { stdout, env, stop }: CommandIo,
): Promise<number> {
  const { json, spacing, rate, port, gatewayPort } = options;
  const program = findProgram(options.program, env);
  const { folder, temporary } = folderOf(options.dir);
  const events = createEvents(Date.now);
  const paint = paintFor(stdout, env);
  events.subscribe((event) => stdout.write(`${lineOf(event, { json, paint })}\n`));
  const asked = new AbortController();
  const stopping = AbortSignal.any([stop, asked.signal]);
  let testnet: Testnet | undefined;
  try {
    testnet = await startTestnet({
      ...{ program, folder, temporary, spacing_seconds: spacing, rate, port, events },
      ...{ gateway_port: gatewayPort, stop: stopping, asked_to_stop: () => asked.abort() },
    });
    announce(testnet, folder, events);
    const ended = await Promise.race([aborted(stopping), testnet.node_ended]);
    if (ended !== undefined) throw new CommandError("usage", `${ended} has ended by itself`);
    events.add("testnet", "ending service, gateway and nodes …");
    return EXIT.done;
  } catch (error) {
    // What was stopped while it started did not fail.
    if (stopping.aborted && testnet === undefined) throw new Interrupted();
    throw error;
  } finally {
    await testnet?.close();
    if (temporary) rmSync(folder, { recursive: true, force: true });
  }
}

/** @throws CommandError `bad_data_folder` where it is not empty, or cannot be made */
function folderOf(dir: string | undefined): Readonly<{ folder: string; temporary: boolean }> {
  try {
    if (dir === undefined) {
      return { folder: mkdtempSync(join(tmpdir(), FOLDER_PREFIX)), temporary: true };
    }
    const folder = resolve(dir);
    if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
    if (readdirSync(folder).length === 0) return { folder, temporary: false };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new CommandError("bad_data_folder", `cannot use ${dir ?? tmpdir()}: ${detail}`, error);
  }
  throw new CommandError(
    "bad_data_folder",
    `${dir} is not empty: give a new folder, or end what runs there with shield testnet stop --dir ${dir} and remove it`,
  );
}

const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });

/** What a person needs to look around. */
function announce({ file, log_file }: Testnet, folder: string, events: TestnetEvents): void {
  const { service, gateway, nodes, chain } = file;
  const dir = file.temporary ? "" : ` --dir ${folder}`;
  const lines = [
    `${chain}, blocks and payments until Ctrl-C; folder ${folder}`,
    ...nodes.map(({ node_id, url, peer, cookie_file }) => {
      const role = node_id === "rival" ? "the rest of the network" : "the site's own";
      return `${node_id}  RPC ${url}, peers ${peer}, cookie ${cookie_file} (${role})`;
    }),
    `service ${service.url} (API ${service.url}/docs), log ${log_file}`,
    `  reader's key   ${service.keys.reader}`,
    `  operator's key ${service.keys.operator}`,
    `gateway ${gateway.url} before node-1, user ${gateway.user}, password ${gateway.password}`,
    `in another terminal: shield testnet attack split${dir}`,
  ];
  for (const line of lines) events.add("testnet", line);
  events.add("testnet", "ready", { ...file, control: null });
}

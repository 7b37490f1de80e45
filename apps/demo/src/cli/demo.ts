/** `shield demo`: plays scenarios, one after the other, and prints what happened. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { BridgeError, type BridgeStats, createAdaptiveBridge } from "@dgb-shield/adaptive-bridge";
import { createJsonlSink, type DescriptorLock, flock } from "@dgb-shield/adaptive-bridge/jsonl";
import { nodeTimers } from "@dgb-shield/adaptive-bridge/node";
import { type DataFolder, openDataFolder, openLedger } from "./data-folder.js";
import { EXIT } from "../errors.js";
import { lockFolder } from "./folder-lock.js";
import { play } from "../scenarios/play.js";
import { loadScenarios } from "../scenarios/index.js";
import type { Scenario, Step } from "../scenarios/scenario.js";
import type { Entry } from "../timeline/entries.js";
import { paintFor } from "../timeline/format.js";
import { createProgress } from "../timeline/progress.js";
import { createRenderer } from "../timeline/render.js";
import { type PlayedPage, servePlayed } from "../play/serve-page.js";
import { READER_LEFT, type CommandIo } from "./command-io.js";

/** Options of `shield demo`, as the command line gives them. */
export type DemoOptions = Readonly<{
  scenario?: string | undefined;
  recording?: string | undefined;
  chain?: string | undefined;
  data?: string | undefined;
  speed?: number | undefined;
  once: boolean;
  json: boolean;
  port: number;
}>;

/**
 * Plays the demo: on a page, or in the terminal with `--once`, `--json` or `--data`.
 *
 * @returns the exit code
 * @throws CommandError for bad input; nothing has been written then
 */
export async function demo(options: DemoOptions, io: CommandIo): Promise<number> {
  const scenarios = loadScenarios(options);
  const isInTerminal = options.once || options.json || options.data !== undefined;
  const [first, ...others] = scenarios;
  if (!isInTerminal && first !== undefined) return playPage([first, ...others], options, io);
  return playInTerminal(scenarios, options, io);
}

/** Times as fast as it happened, where nothing else is chosen: a minute of the scenario a second. */
const PAGE_SPEED = 60;

async function playPage(
  scenarios: readonly [Scenario, ...Scenario[]],
  { port, speed = PAGE_SPEED }: DemoOptions,
  io: CommandIo,
): Promise<number> {
  const folder = openDataFolder(undefined);
  try {
    const page = await servePlayed({ scenarios, folder: folder.path, port, speed }, io);
    await page.player.order({ playing: true });
    io.stdout.write(`${pageText(page)}\n`);
    await new Promise<void>((resolve) => {
      if (io.stop.aborted) resolve();
      io.stop.addEventListener("abort", () => resolve(), { once: true });
    });
    await page.close();
    return EXIT.done;
  } finally {
    folder.remove();
  }
}

const pageText = ({ url, audit_key_file }: Pick<PlayedPage, "url" | "audit_key_file">): string =>
  [
    "The scenario plays on a page, live. Open:",
    "",
    `  ${url}`,
    "",
    "The key in the address is of the demo alone. Play, pause, speed and any moment are on the page.",
    `A payment's proof, saved from the page: shield audit verify --proof FILE --key ${audit_key_file}`,
    "Ctrl-C ends. In the terminal, without a page: npm start -- --once",
  ].join("\n");

async function playInTerminal(
  scenarios: readonly Scenario[],
  options: DemoOptions,
  io: CommandIo,
): Promise<number> {
  const folder = openDataFolder(options.data);
  const unlock = await lockFolder(folder.path);
  const warned = new Set<string>();
  const warn = (line: string): void => {
    if (!warned.has(line)) io.stderr.write(`${line}\n`);
    warned.add(line);
  };
  try {
    for (const scenario of scenarios) {
      await playOne(scenario, { options, io, folder, warn });
    }
    io.stderr.write(closingText(folder));
    return EXIT.done;
  } catch (error) {
    if (!io.stop.aborted) throw error;
    if (io.stop.reason === READER_LEFT) return EXIT.done;
    io.stderr.write(`stopped. ${closingText(folder)}`);
    return EXIT.interrupted;
  } finally {
    unlock();
    folder.remove();
  }
}

const WRITE_TIMEOUT_MS = 60_000;

type OneRun = Readonly<{
  options: DemoOptions;
  io: CommandIo;
  folder: DataFolder;
  warn: (line: string) => void;
}>;

async function playOne(scenario: Scenario, run: OneRun): Promise<void> {
  const { options, io, folder } = run;
  const place = folder.of(scenario.name);
  const { ledger, kind } = await openLedger(place, run.warn);
  const bridge = createAdaptiveBridge({
    sinks: [createJsonlSink({ path: join(place, "events.jsonl"), lockDescriptor })],
    timers: nodeTimers,
    // A file is not slow by itself: what takes longer is this process being held up, and the write comes through.
    writeTimeoutMs: WRITE_TIMEOUT_MS,
  });
  const progress = createProgress(io.stderr, () => performance.now());
  const print = printer(options, io);
  try {
    const environment = {
      ledger,
      ledgerKind: kind,
      events: bridge,
      pace: pacer(scenario, options, io, progress),
      exported: async () => {
        await bridge.flush(WRITE_TIMEOUT_MS);
        return exportedBy(bridge.stats());
      },
    };
    for await (const entry of play(scenario, environment)) {
      progress.clear();
      print(entry);
    }
  } finally {
    progress.clear();
    await bridge.close();
    await ledger.close();
  }
}

/** The folder is locked already: where the file cannot be, as without the program `flock`, that is enough. */
const lockDescriptor: DescriptorLock = (fd) =>
  flock(fd).catch((error: unknown) => {
    if (error instanceof BridgeError && error.code === "lock_unavailable") return true;
    throw error;
  });

/** Waits as long as `--speed` requires, lets the event loop turn, and moves the bar. */
function pacer(
  scenario: Scenario,
  { speed }: DemoOptions,
  { stop }: CommandIo,
  progress: ReturnType<typeof createProgress>,
) {
  let previousMs = scenario.steps[0]?.at_ms ?? 0;
  return async (step: Step, index: number): Promise<void> => {
    stop.throwIfAborted();
    progress.move(index, scenario.steps.length, scenario.name);
    const waitMs = speed === undefined ? 0 : (step.at_ms - previousMs) / speed;
    previousMs = step.at_ms;
    if (waitMs > 0) await sleep(waitMs, undefined, { signal: stop });
    else if (index % 64 === 0) await sleep(0);
  };
}

function printer({ json }: DemoOptions, { stdout, env }: CommandIo) {
  if (json) return (entry: Entry) => stdout.write(`${JSON.stringify(entry)}\n`);
  const columns = stdout.isTTY ? stdout.columns : undefined;
  const renderer = createRenderer(paintFor(stdout, env), columns);
  return (entry: Entry) =>
    stdout.write(
      renderer
        .lines(entry)
        .map((text) => `${text}\n`)
        .join(""),
    );
}

function exportedBy({ sinks }: BridgeStats): { delivered: number; dropped: number } {
  return sinks.reduce(
    (sum, { delivered, dropped }) => ({
      delivered: sum.delivered + delivered,
      dropped: sum.dropped + Object.values(dropped).reduce((a, b) => a + b, 0),
    }),
    { delivered: 0, dropped: 0 },
  );
}

const closingText = (folder: DataFolder): string =>
  folder.temporary
    ? "The ledger and the events were in a temporary folder; keep them with --data FOLDER.\n"
    : `Ledger and events: ${folder.path}. Started again with it, the demo counts nothing twice.\n`;

/** `shield ledger export` and `prune`: keep the records of a ledger outside of it, and remove what was kept. */
import { once } from "node:events";
import {
  type Exported,
  exportRecords,
  type Ledger,
  LedgerError,
  pruneLedger,
} from "@dgb-shield/wallet-guardian";
import { ExportFileError, exportToFile } from "@dgb-shield/wallet-guardian/export-file";
import { CommandError, EXIT } from "../../errors.js";
import { createProgress } from "../../timeline/progress.js";
import { type CommandIo, READER_LEFT } from "../command-io.js";
import { configOf, type ConfigOptions } from "../config/config-options.js";
import { openLedger } from "./open-ledger.js";

/** Options of `shield ledger export`. */
export type ExportLedgerOptions = ConfigOptions & Readonly<{ after?: number; json: boolean }>;

/** Options of `shield ledger prune`. */
export type PruneLedgerOptions = ConfigOptions &
  Readonly<{ operator: string; reason: string; keep: number; json: boolean }>;

/**
 * Exports the records that a file lacks; standard output gets all of them.
 *
 * @param file `-` is standard output
 * @returns the exit code
 * @throws CommandError `usage` for a file that no export goes on with; `bad_config`, `bad_data_folder`
 */
export async function exportLedger(
  file: string,
  options: ExportLedgerOptions,
  io: CommandIo,
): Promise<number> {
  const config = configOf(options, io.env);
  const { ledger, close } = await openLedger(config);
  try {
    const exported = await (file === "-"
      ? toStream(ledger, options, io)
      : toFile(ledger, file, io));
    const { records, through_seq } = exported;
    const to = file === "-" ? io.stderr : io.stdout;
    to.write(
      options.json
        ? `${JSON.stringify({ records, through_seq })}\n`
        : `${records} records exported, through number ${through_seq}\n`,
    );
    return EXIT.done;
  } catch (error) {
    return exitOf(error, io);
  } finally {
    await close();
  }
}

/**
 * Exports what the file lacks, then removes what nothing reads any more: the state of settled payments beyond the longest
 * window, and the exported records that are older than `keep` seconds. A service goes on meanwhile.
 *
 * @returns the exit code
 * @throws CommandError as `exportLedger`
 */
export async function pruneLedgerFile(
  file: string,
  { operator, reason, keep, json, ...options }: PruneLedgerOptions,
  io: CommandIo,
): Promise<number> {
  const config = configOf(options, io.env);
  const { ledger, close } = await openLedger(config);
  const { stderr, stdout } = io;
  try {
    const { exported, segments } = await exportWhole(ledger, file, io);
    const now_ms = Date.now();
    const rows = await pruneLedger(ledger, {
      policies: [config.guardian, ...config.wallet_policies.values()],
      exported: { ...exported, segments },
      keep_behaviour: config.behaviour === "ledger",
      keep_since_ms: now_ms - keep * 1_000,
      ...{ now_ms, operator, reason },
      progress(done) {
        if (stderr.isTTY) stderr.write(`\r\u001b[2K  ${done} rows removed or shrunk`);
        io.stop.throwIfAborted();
      },
    });
    if (stderr.isTTY) stderr.write("\r\u001b[2K");
    const { records, through_seq } = exported;
    stdout.write(
      json
        ? `${JSON.stringify({ records, through_seq, rows })}\n`
        : `${records} records exported, through number ${through_seq}; ${rows} rows removed or shrunk\n`,
    );
    return EXIT.done;
  } catch (error) {
    return exitOf(error, io);
  } finally {
    await close();
  }
}

const toFile = async (ledger: Ledger, path: string, io: CommandIo): Promise<Exported> =>
  (await exportWhole(ledger, path, io)).exported;

async function exportWhole(ledger: Ledger, path: string, { stderr, stop }: CommandIo) {
  const progress = createProgress(stderr, () => performance.now());
  try {
    return await exportToFile(ledger, {
      path,
      progress(done, total) {
        progress.move(done, total, `${done} of ${total} records exported`);
        stop.throwIfAborted();
      },
    });
  } finally {
    progress.clear();
  }
}

/** Writes to standard output at the reader's pace. */
const toStream = (
  ledger: Ledger,
  { after = 0 }: ExportLedgerOptions,
  { stdout, stop }: CommandIo,
): Promise<Exported> =>
  exportRecords(ledger, {
    after_seq: after,
    async write(line) {
      stop.throwIfAborted();
      if (!stdout.write(`${line}\n`)) await once(stdout, "drain", { signal: stop });
    },
  });

/** The exit code of a command that was stopped; any other failure is one line on what to do. */
function exitOf(error: unknown, { stop, stderr }: CommandIo): number {
  if (stop.aborted) {
    if (stop.reason === READER_LEFT) return EXIT.done;
    stderr.write("interrupted: run it again, it goes on where it was\n");
    return EXIT.interrupted;
  }
  if (error instanceof ExportFileError) throw new CommandError("usage", error.message, error);
  if (error instanceof LedgerError) {
    throw new CommandError("bad_data_folder", `the ledger failed: ${error.message}`, error);
  }
  throw error;
}

/** Structured logs of the network view: a line a change, rejections counted (design section 4.2: exporters). */
import type { AdvisoryLevel } from "@dgb-shield/contract";
import { guarded } from "../shared/guarded.js";
import { delayMs, ownOptions } from "../shared/options.js";
import type { Change, ChangeListener, IngestListener } from "../watch/index.js";

/** The used part of a pino logger. */
export type Logger = Readonly<
  Record<"info" | "warn" | "error", (fields: object, message: string) => void>
>;

/** Options of `createLog`. */
export type LogOptions = Readonly<{
  logger: Logger;
  /** Milliseconds between two lines about rejections (60,000). */
  refusalIntervalMs?: number;
}>;

/** Listeners for `createWatch` and `tapNetwork`. */
export type Log = Readonly<{
  onChange: ChangeListener;
  onIngest: IngestListener;
  /** Writes the counts, if any, and stops. */
  close: () => void;
}>;

const METHOD: ReadonlyMap<AdvisoryLevel, keyof Logger> = new Map([
  ["NORMAL", "info"],
  ["UNKNOWN", "warn"],
  ["ELEVATED", "warn"],
  ["CRITICAL_LOCAL", "error"],
  ["CRITICAL_GLOBAL", "error"],
]);

/** Names in one list of a line. */
const MAX_NAMES = 16;
/** Codes counted apart; rejections with further codes are counted as one. */
const MAX_CODES = 64;

/**
 * Creates the listeners that write to a pino logger: one line for each change, and at most one line per
 * `refusalIntervalMs` with the number of rejected signals by code. Messages are constant; names of
 * operators and nodes are in fields, at most 16 of each, anything but printable ASCII escaped, so
 * that no sender can forge a line. Nothing else of a signal is written: no metadata, no credentials.
 * A logger that throws is ignored.
 *
 * @param options see `LogOptions`
 * @throws TypeError when `refusalIntervalMs` is not an integer that a timer can wait
 * @example
 * const log = createLog({ logger: pino() });
 * createWatch({ network: tapNetwork(network, [log.onIngest]), listeners: [log.onChange] });
 */
export function createLog(options: LogOptions): Log {
  const own = ownOptions(options);
  const { logger } = own;
  const intervalMs = delayMs("refusalIntervalMs", own.refusalIntervalMs, 60_000);
  const refused = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (refused.size === 0) return;
    const byCode = Object.fromEntries([...refused].sort());
    refused.clear();
    write("warn", { event: "dqsn_signals_refused", refused: byCode }, "signals refused");
  }

  const write = (method: keyof Logger, fields: object, message: string): void => {
    guarded(() => logger[method](fields, message));
  };

  return Object.freeze({
    onChange: (change) => {
      const method = METHOD.get(change.view.level) ?? "error";
      write(method, fieldsOf(change), "network view changed");
    },
    onIngest: (result) => {
      if (result.accepted) return;
      const isCounted = refused.has(result.code) || refused.size < MAX_CODES;
      const code = isCounted ? result.code : "OTHER";
      refused.set(code, (refused.get(code) ?? 0) + 1);
      timer ??= setTimeout(flush, intervalMs).unref();
    },
    close: flush,
  });
}

function fieldsOf({ previous, view }: Change): object {
  return {
    event: "dqsn_picture_changed",
    previous_level: previous?.level ?? null,
    previous_score: previous?.score ?? null,
    // Not `level`: that is pino's own field.
    picture_level: view.level,
    score: view.score,
    as_of_ms: view.as_of_ms,
    live_operators: view.live_operators,
    clock: view.clock,
    critical_operators: view.critical_operators_count,
    critical_operator_names: view.critical_operators.slice(0, MAX_NAMES).map(printable),
    silent_reporters: view.silent_reporters_count,
    silent_reporter_names: view.silent_reporters.slice(0, MAX_NAMES).map(printable),
    quorum: view.quorum,
    digest: view.digest,
  };
}

/** Escapes anything but printable ASCII: line separators and directional marks in names mislead readers of logs. */
const printable = (name: string): string =>
  name.replaceAll(
    /[^\u0020-\u007e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

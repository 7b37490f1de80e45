/** Structured logs of the network picture: a line a change, refusals counted (design section 4.2). */
import type { AdvisoryLevel } from "@dgb-shield/contract";
import type { Change, ChangeListener, IngestListener } from "./watch.js";

/** What is used of a pino logger. */
export type Logger = Readonly<
  Record<"info" | "warn" | "error", (fields: object, message: string) => void>
>;

/** Options of `createLog`. */
export type LogOptions = Readonly<{
  logger: Logger;
  /** Milliseconds between two lines about refusals (60,000). */
  refusalIntervalMs?: number;
}>;

/** Listeners for `createWatch` and `tapNetwork`. */
export type Log = Readonly<{
  onChange: ChangeListener;
  onIngest: IngestListener;
  /** Writes what has been counted, if anything, and stops. */
  close: () => void;
}>;

const METHOD: Readonly<Record<AdvisoryLevel, keyof Logger>> = {
  NORMAL: "info",
  UNKNOWN: "warn",
  ELEVATED: "warn",
  CRITICAL_LOCAL: "error",
  CRITICAL_GLOBAL: "error",
};

/** Operators named in one line. */
const MAX_NAMES = 16;

/**
 * Creates the listeners that write to a pino logger: one line for each change of level or score, and
 * at most one line per `refusalIntervalMs` with the number of refused signals by code. Messages are
 * constant; names of operators are in fields, cut to 16, anything but printable ASCII escaped, so
 * that no reporter can forge a line.
 *
 * @example
 * const log = createLog({ logger: pino() });
 * createWatch({ network: tapNetwork(network, [log.onIngest]), listeners: [log.onChange] });
 */
export function createLog({ logger, refusalIntervalMs = 60_000 }: LogOptions): Log {
  const refused = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (refused.size === 0) return;
    const byCode = Object.fromEntries([...refused].sort());
    refused.clear();
    logger.warn({ event: "dqsn_signals_refused", refused: byCode }, "signals refused");
  }

  return Object.freeze({
    onChange: (change) => {
      const { level } = change.view;
      logger[METHOD[level]](fieldsOf(change), "network picture changed");
    },
    onIngest: (result) => {
      if (result.accepted) return;
      refused.set(result.code, (refused.get(result.code) ?? 0) + 1);
      timer ??= setTimeout(flush, refusalIntervalMs).unref();
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
    critical_operators: view.critical_operators.length,
    critical_operator_names: view.critical_operators.slice(0, MAX_NAMES).map(printable),
    quorum: view.quorum,
    digest: view.digest,
  };
}

/** Line separators and directional marks are allowed in a name, and would mislead a reader of logs. */
const printable = (name: string): string =>
  name.replaceAll(
    /[^\u0020-\u007e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** Reports the calls of a gateway in a process of its own to the service, which counts them for the defense. */
import type { Service } from "../service/service.js";

type CallOutcome = Parameters<Service["countRpc"]>[0];

/** Calls since the last report that was taken. */
export type CallCounts = Readonly<Record<CallOutcome, number>>;

/** What reports are made of. */
export type CallReportParts = Readonly<{
  /** Rejects where the report may not have been taken: it is sent again, and may then count twice. */
  report: (counts: CallCounts) => Promise<void>;
  interval_ms: number;
  warn: (text: string) => void;
}>;

/** Calls of one report at most, as the service takes them. */
const MOST = 10_000_000;

/** Counts, and reports at intervals where there is something to report. */
export function createCallReports({ report, interval_ms, warn }: CallReportParts): Readonly<{
  count(outcome: CallOutcome): void;
  /** Ends the reports, after a last one. */
  close(): Promise<void>;
}> {
  let waiting: CallCounts = { calls: 0, refused: 0, unauthorized: 0 };
  let under: Promise<void> | undefined;
  let isFailing = false;

  async function send(): Promise<void> {
    const sent = waiting;
    if (Math.max(...Object.values(sent)) === 0) return;
    try {
      await report(sent);
      waiting = {
        calls: waiting.calls - sent.calls,
        refused: waiting.refused - sent.refused,
        unauthorized: waiting.unauthorized - sent.unauthorized,
      };
      isFailing = false;
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (!isFailing) warn(`calls are not reported to the service, and are kept: ${text}`);
      isFailing = true;
    }
  }

  const sendOnce = (): Promise<void> => (under ??= send().finally(() => (under = undefined)));
  const timer = setInterval(() => void sendOnce(), interval_ms);
  return Object.freeze({
    count(outcome) {
      waiting = { ...waiting, [outcome]: Math.min(waiting[outcome] + 1, MOST) };
    },
    async close() {
      clearInterval(timer);
      await under;
      await sendOnce();
    },
  });
}

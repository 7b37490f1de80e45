/** What `shield record` prints: in a terminal one line that moves, in a pipe a line for each change. */
import { levelOfScore, type SentinelReport } from "@dgb-shield/contract";
import { counted, grouped, printable } from "../../timeline/format.js";
import { barText } from "../../timeline/progress.js";
import type { CommandIo } from "../command-io.js";
import type { Recorded } from "./recorder.js";
import type { RecordingStore } from "./recording-store.js";

/** Milliseconds without a line in a pipe after which one says that it goes on. */
const SUMMARY_MS = 600_000;

/** What is recorded, and where. */
export type RecordPlace = Readonly<{
  chain: string;
  node_id: string;
  store: Pick<RecordingStore, "path">;
  /** Seconds that it is to last; undefined without an end. */
  forS: number | undefined;
}>;

/** Shows a recording that is being made. */
export type RecordView = Readonly<{
  show(report: SentinelReport, recorded: Recorded): void;
  end(recorded: Recorded): void;
}>;

/** Makes the view of a recording. */
export function createRecordView(
  { stdout }: Pick<CommandIo, "stdout">,
  place: RecordPlace,
): RecordView {
  const began = performance.now();
  const known = new Set<string>();
  let status = "";
  let saidAt = began;
  const isTerminal = stdout.isTTY;

  function say(text: string): void {
    saidAt = performance.now();
    stdout.write(`${isTerminal ? "\r\u001b[2K" : ""}${text}\n`);
  }

  say(`recording ${place.node_id} (${place.chain}) into ${place.store.path}; Ctrl-C ends it`);
  return Object.freeze({
    show(report, recorded) {
      const time = new Date(report.observed_at_ms).toISOString().slice(0, 19);
      if (report.status !== status) say(`${time} ${report.status}`);
      status = report.status;
      for (const { finding_id, severity, summary } of report.findings) {
        if (!known.has(finding_id)) say(`${time} ${levelOfScore(severity)}: ${printable(summary)}`);
        known.add(finding_id);
      }
      const seconds = (performance.now() - began) / 1_000;
      if (isTerminal) {
        const bar = place.forS === undefined ? "" : barText(Math.min(1, seconds / place.forS), "");
        stdout.write(
          `\r\u001b[2K${`${bar}${summaryOf(recorded, seconds)}`.slice(0, stdout.columns - 1)}`,
        );
      } else if (performance.now() - saidAt >= SUMMARY_MS) {
        say(`${time} ${summaryOf(recorded, seconds)}`);
      }
    },
    end(recorded) {
      const seconds = (performance.now() - began) / 1_000;
      say(
        `${summaryOf(recorded, seconds)}, ${grouped(recorded.bytes)} bytes in ${place.store.path}`,
      );
    },
  } satisfies RecordView);
}

function summaryOf({ polls, failed_polls, blocks, last }: Recorded, seconds: number): string {
  const failed = failed_polls === 0 ? "" : ` (${grouped(failed_polls)} failed)`;
  const tip =
    last === undefined || last.tip === null ? "no tip" : `tip ${grouped(last.tip.height)}`;
  return `${timeText(seconds)} ${counted(polls, "poll")}${failed}, ${counted(blocks, "block")}, ${tip}`;
}

/** `02:14:09`. */
function timeText(seconds: number): string {
  const parts = [
    Math.floor(seconds / 3_600),
    Math.floor(seconds / 60) % 60,
    Math.floor(seconds) % 60,
  ];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

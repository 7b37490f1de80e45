/** Makes an incident report of a time range: shown here, printed, or saved as a file. */
import { signal } from "@preact/signals";
import { useRef, useState } from "preact/hooks";
import { problemOf } from "../api.js";
import { Text } from "../parts/basics.js";
import { Section } from "../parts/section.js";
import { serviceNow, status } from "../state/live.js";
import { hasRole, session } from "../state/session.js";
import { collect, type Report } from "./collect.js";
import { ReportPage } from "./page.js";
import { saveReport } from "./save-report.js";

const report = signal<Report | null>(null);
const DAY_MS = 86_400_000;

/** Time as the field writes it, UTC. */
const fieldText = (ms: number): string => new Date(ms).toISOString().slice(0, 16);

export function ReportSection() {
  const [from, to] = [useRef<HTMLInputElement>(null), useRef<HTMLInputElement>(null)];
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const shown = useRef<HTMLDivElement>(null);
  if (!hasRole("operator", "reader") || session.value?.key.wallets !== null) {
    return (
      <Section id="report" title="Incident report">
        <p class="muted">A report needs a key of an operator or a reader for all wallets.</p>
      </Section>
    );
  }
  const make = async (event: Event): Promise<void> => {
    event.preventDefault();
    const current = session.peek();
    if (current === null) return;
    const [from_ms, to_ms] = [from, to].map((field) =>
      Date.parse(`${field.current?.value ?? ""}Z`),
    );
    if (from_ms === undefined || to_ms === undefined || !(from_ms <= to_ms)) {
      setProblem("Give a time, and a later one, as in 2026-06-28T16:40.");
      return;
    }
    setBusy(true);
    try {
      // The minute that is named is in it.
      report.value = await collect(
        current.api,
        { from_ms, to_ms: to_ms + 59_999 },
        current.key.name,
      );
      setProblem(null);
    } catch (error) {
      report.value = null;
      const { title, detail } = problemOf(error);
      setProblem(`No report: ${title}. ${detail}`);
    }
    setBusy(false);
  };
  const isRead = status.value.value.data !== undefined;
  const now = serviceNow();
  return (
    <Section id="report" title="Incident report">
      {isRead && (
        <form class="inline" onSubmit={(event) => void make(event)}>
          <label class="field">
            <span>From (UTC)</span>
            <input
              ref={from}
              name="from"
              required
              placeholder="2026-06-28T16:40"
              defaultValue={fieldText(now - DAY_MS)}
            />
          </label>
          <label class="field">
            <span>To (UTC)</span>
            <input
              ref={to}
              name="to"
              required
              placeholder="2026-06-28T18:00"
              defaultValue={fieldText(now)}
            />
          </label>
          <button type="submit" disabled={isBusy}>
            {isBusy ? "Collecting …" : "Make the report"}
          </button>
        </form>
      )}
      {problem !== null && (
        <p class="unavailable" role="alert">
          <Text of={problem} />
        </p>
      )}
      {report.value !== null && (
        <>
          <div class="buttons">
            <button type="button" onClick={() => print()}>
              Print
            </button>
            <button
              type="button"
              onClick={() => shown.current !== null && saveReport(shown.current)}
            >
              Save as HTML
            </button>
            <button type="button" class="quiet" onClick={() => (report.value = null)}>
              Close
            </button>
          </div>
          <div ref={shown} class="report">
            <ReportPage report={report.value} />
          </div>
        </>
      )}
    </Section>
  );
}

/** A report as text. */
import type { Report } from "./check.js";

const MAX_SHOWN_FAILURES = 50;

/** Failures with their clauses, a line a suite, and `N passed, N failed` last. */
export function reportText({ passed, failed, suites, failures, unreachable }: Report): string {
  const shown = failures
    .slice(0, MAX_SHOWN_FAILURES)
    .map(
      ({ suite, id, title, clause, reason }) =>
        `FAILED ${suite}/${id}: ${title}\n       ${clause}\n       ${reason}\n`,
    );
  const hidden = failures.length - shown.length;
  if (hidden > 0) shown.push(`… and ${hidden} more; --json has them all\n`);
  if (unreachable !== undefined) {
    return `${shown.join("")}No answer, the rest was not sent: ${unreachable}\n`;
  }
  const width = Math.max(...suites.map(({ suite }) => suite.length));
  const lines = suites.map(
    (counts) => `${counts.suite.padEnd(width)}  ${counts.passed} passed, ${counts.failed} failed\n`,
  );
  return `${shown.join("")}${lines.join("")}${passed} passed, ${failed} failed\n`;
}

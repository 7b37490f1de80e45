/** Prints `N passed, N failed, N skipped` from the report of the test runner's last run. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./steps.mjs";

function counts() {
  try {
    const report = JSON.parse(readFileSync(join(ROOT, ".reports", "vitest.json"), "utf8"));
    const broken = report.testResults.filter(
      ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
    ).length;
    return [report.numPassedTests, report.numFailedTests + broken, report.numPendingTests];
  } catch {
    console.error("no test report: the tests did not run");
    return [0, 1, 0];
  }
}

const [passed, failed, skipped] = counts();
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exit(passed > 0 && failed === 0 ? 0 : 1);

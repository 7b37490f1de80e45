/** Alert rules of the service: each is valid, fires and rests as its test says, rests on metrics that exist, and has a runbook. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hasPromtool } from "@dgb-shield/testkit/services";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const APP = join(import.meta.dirname, "..");
const MONITORING = join(APP, "monitoring");
const read = (...path: string[]): string => readFileSync(join(...path), "utf8");

type Rule = Readonly<{
  alert: string;
  expr: string;
  labels: Readonly<{ severity: string }>;
  annotations: Readonly<{ summary: string; runbook_url: string }>;
}>;
const { groups } = parse(read(MONITORING, "rules.yaml")) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const tested = parse(read(MONITORING, "rules.test.yaml")) as {
  tests: { name: string; alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
};
const CANNOT = !hasPromtool();

const SOURCES = [
  read(APP, "src/service/http/metrics.ts"),
  read(APP, "src/service/http/audit-metrics.ts"),
  read(APP, "src/cli/serve/serve.ts"),
].join("\n");

/** Whether the sources register a metric: by its whole name, or by what is appended to a prefix. */
function isRegistered(metric: string): boolean {
  const name = metric.replace(/_bucket$/, "");
  if (SOURCES.includes(`"${name}"`)) return true;
  const own = /^shield_(?:service|audit)_(.+)$/.exec(name)?.[1] ?? "";
  const [, counted] = /^(?:events|webhook)_(.+)_total$/.exec(own) ?? [];
  return (
    SOURCES.includes(`"${own}"`) || (counted !== undefined && SOURCES.includes(`["${counted}"`))
  );
}

describe("alert rules of the service", () => {
  it("rest on metrics that the service has", () => {
    const metrics = rules.flatMap(({ expr }) => expr.match(/shield_[a-z_]+/g) ?? []);
    expect(metrics.length).toBeGreaterThan(15);
    expect(metrics.filter((name) => !isRegistered(name))).toEqual([]);
    expect(isRegistered("shield_service_no_such_total")).toBe(false);
  });

  it("have a test each that sees them fire and rest", () => {
    for (const { alert } of rules) {
      const cases = tested.tests
        .flatMap((one) => one.alert_rule_test)
        .filter(({ alertname }) => alertname === alert);
      expect(new Set(cases.map(({ exp_alerts }) => exp_alerts.length > 0)), alert).toEqual(
        new Set([true, false]),
      );
    }
  });

  it("have a runbook each in the page of operations, and the page has no other", () => {
    const page = read(APP, "../../docs/operations.md");
    const headings = [...page.matchAll(/^### (Shield\w+)$/gm)].map(([, name]) => name);
    expect(headings).toEqual(rules.map(({ alert }) => alert));
    for (const { alert, annotations, labels } of rules) {
      expect(annotations.runbook_url).toBe(`docs/operations.md#${alert.toLowerCase()}`);
      expect(page).toContain(`${annotations.summary} (\`${labels.severity}\`)`);
    }
  });

  it.skipIf(CANNOT)("pass promtool check rules and test rules", () => {
    for (const args of [
      ["check", "rules", "rules.yaml"],
      ["test", "rules", "rules.test.yaml"],
    ]) {
      const { status, stdout, stderr } = spawnSync("promtool", args, {
        cwd: MONITORING,
        encoding: "utf8",
      });
      expect(status, `${stdout}\n${stderr}`).toBe(0);
    }
  });
});

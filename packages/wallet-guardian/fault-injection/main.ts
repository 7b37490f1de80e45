/** The crash and race matrix: `pnpm fault-injection [--short] [--ledger sqlite|postgres] [--only <text>] [--json]`. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Size } from "./cases/case.js";
import { type Line, runMatrix } from "./run.js";

const FULL: Size = { requests: 2_000, rounds: 200, seconds: 20 };
const SHORT: Size = { requests: 200, rounds: 5, seconds: 4 };

const HELP = `pnpm fault-injection [options]: injects faults into the durable ledgers and checks them afterwards
  --short             fewer requests and rounds
  --ledger <name>     sqlite or postgres alone
  --only <text>       cases whose names contain the text
  --url <url>         PostgreSQL server (SHIELD_TEST_DATABASE_URL, else 127.0.0.1:5432, database test)
  --json              the table as JSON
Ends with 1 where anything was lost, over a limit, or left locked.`;

const { values } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    ledger: { type: "string" },
    only: { type: "string", default: "" },
    url: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  console.log(HELP);
  process.exit(0);
}
if (values.ledger !== undefined && values.ledger !== "sqlite" && values.ledger !== "postgres") {
  console.error(`no ledger ${values.ledger}: sqlite or postgres`);
  process.exit(2);
}

const lines = await runMatrix({
  worker: join(import.meta.dirname, "worker.js"),
  size: values.short ? SHORT : FULL,
  ledgers: values.ledger === undefined ? ["sqlite", "postgres"] : [values.ledger],
  url:
    values.url ??
    process.env["SHIELD_TEST_DATABASE_URL"] ??
    "postgres://postgres@127.0.0.1:5432/test",
  only: values.only,
  progress: (text) => {
    console.error(text);
  },
});

if (values.json) console.log(JSON.stringify(lines, null, 2));
else print(lines);
process.exitCode = lines.every(({ faults }) => faults.length === 0) ? 0 : 1;

function print(table: readonly Line[]): void {
  const verdict = ({ faults }: Line) => (faults.length === 0 ? "holds" : "BROKEN");
  console.log(
    "\n| ledger | case | seconds | verdict | figures |\n| --- | --- | ---: | --- | --- |",
  );
  for (const line of table) {
    const { ledger, name, seconds, figures, faults } = line;
    console.log(`| ${ledger} | ${name} | ${seconds} | ${verdict(line)} | ${figures} |`);
    for (const fault of faults.slice(0, 10)) console.log(`|  |  |  |  | ${fault} |`);
  }
}

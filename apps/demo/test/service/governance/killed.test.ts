/**
 * `kill -9` of a real service while it carries a proposal out: before the change is made, and after it was made and before that
 * was noted. The next process ends it: the change is made once, and the proposal says so.
 */
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { governedSite } from "../../support/faults/governed-site.js";
import { faultSuite } from "../../support/faults/suite.js";

const { hasNode, make, serve } = faultSuite();

type Row = Readonly<Record<string, unknown>>;
type Database = Readonly<{
  exec(text: string): unknown;
  prepare(text: string): { all(...values: unknown[]): Row[] };
  close(): unknown;
}>;
const require = createRequire(import.meta.url);
function openDatabase(path: string): Database {
  try {
    const { DatabaseSync } = require("node:sqlite") as {
      DatabaseSync: new (path: string) => Database;
    };
    return new DatabaseSync(path);
  } catch {
    return new (require("better-sqlite3") as new (path: string) => Database)(path);
  }
}

type Recorded = Readonly<{ kind: string; record: Row }>;

/** Records of a ledger, read past the service. */
const recordsIn = (db: Database): Recorded[] =>
  db
    .prepare("SELECT kind, record FROM records ORDER BY seq")
    .all()
    .map(({ kind, record }) => ({ kind: String(kind), record: JSON.parse(String(record)) as Row }));

/** Has the ledger reject one kind of record, as a disk that fails at that moment would; gives how to end that. */
function rejecting(path: string, kind: string, action: string | null): () => void {
  const isAction = action === null ? "" : ` AND json_extract(NEW.record, '$.action') = '${action}'`;
  const run = (text: string): void => {
    const db = openDatabase(path);
    db.exec(`PRAGMA busy_timeout = 5000; ${text}`);
    db.close();
  };
  run(`CREATE TRIGGER rejecting BEFORE INSERT ON records WHEN NEW.kind = '${kind}'${isAction}
    BEGIN SELECT RAISE(ABORT, 'the disk failed'); END`);
  return () => run("DROP TRIGGER rejecting");
}

function recordsOf(path: string): Recorded[] {
  const db = openDatabase(path);
  try {
    return recordsIn(db);
  } finally {
    db.close();
  }
}

const actionOf = ({ kind, record }: Recorded): unknown =>
  kind === "governance" ? record["action"] : kind;

describe.skipIf(!hasNode)("a service that is killed", { timeout: 240_000 }, () => {
  it.each([
    ["before the change is made", "unfreeze", null, false],
    ["after it was made, and before that was noted", "governance", "executed", true],
  ] as const)(
    "%s, leaves it to the next one: once, and noted",
    async (_, kind, action, wasMade) => {
      const { site, backEnd, governors, vote, propose, read } = await governedSite(make);
      const served = await serve(site);
      await backEnd.until("ALLOW");
      const order = { scope: "wallet", id: "hot", reason: "a drill" };
      const frozen = await backEnd.ask("POST /v1/freezes", order, "operator");
      const lift = { kind: "unfreeze", scope: "cause", id: frozen?.body["cause_id"] };
      const id = await propose(lift);
      expect(id).toMatch(/^p-/);
      await vote(id, governors[0]);
      const mend = rejecting(site.ledger, kind, action);
      await vote(id, governors[1]);
      // It is tried again each second, and never done twice.
      await sleep(3_000);
      served.child.kill("SIGKILL");
      await served.end();
      mend();
      const before = recordsOf(site.ledger);
      expect(before.map(actionOf)).toContain("executing");
      expect(before.map(actionOf)).not.toContain("executed");
      expect(before.filter(({ kind }) => kind === "unfreeze")).toHaveLength(wasMade ? 1 : 0);

      await serve(site);
      const deadline = performance.now() + 30_000;
      while ((await read(id))["status"] === "executing" && performance.now() < deadline) {
        await sleep(100);
      }
      expect(await read(id)).toMatchObject({
        status: "executed",
        outcome: {
          code: "done",
          text: expect.stringMatching(wasMade ? /before it was noted/ : /^it was carried out$/),
        },
      });
      await backEnd.until("ALLOW");
      const after = recordsOf(site.ledger);
      expect(after.filter(({ kind }) => kind === "unfreeze")).toHaveLength(1);
      const actions = after.map(actionOf);
      expect(actions.filter((one) => one === "executing" || one === "executed")).toEqual([
        ...["executing", "executed"],
      ]);
    },
  );
});

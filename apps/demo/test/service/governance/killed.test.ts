/**
 * `kill -9` of a real service while it carries a proposal out: before the change is made, and after it was made and before that
 * was noted. The next process ends it: the change is made once, and the proposal says so.
 */
import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { addKeys } from "../../../src/service/keys/change-keys.js";
import { BackEnd } from "../../support/faults/back-end.js";
import { faultSuite } from "../../support/faults/suite.js";
import type { Served, Site } from "../../support/faults/site.js";

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

/**
 * Holds the ledger's write lock whenever it is free, and kills the service under it at the first moment at which the records
 * show what is waited for: whatever the service would write next, it cannot.
 */
async function killWhen(
  site: Site,
  served: Served,
  isMoment: (records: readonly Recorded[]) => boolean,
): Promise<void> {
  const db = openDatabase(site.ledger);
  try {
    for (const deadline = performance.now() + 60_000; performance.now() < deadline;) {
      try {
        db.exec("BEGIN IMMEDIATE");
      } catch {
        continue;
      }
      if (isMoment(recordsIn(db))) {
        served.child.kill("SIGKILL");
        await served.end();
        db.exec("ROLLBACK");
        return;
      }
      db.exec("ROLLBACK");
      await sleep(1);
    }
    throw new Error("the moment never came");
  } finally {
    db.close();
  }
}

const RULES = { approvals: 2, loosen_delay_seconds: 3_600, release_delay_seconds: 0 };

async function governedSite() {
  const site = await make({ config: { governance: { ...RULES, proposal_valid_seconds: 3_600 } } });
  const any = { wallets: null, reports_for: null, expires_at_ms: null };
  const added = await addKeys(
    { path: join(site.dataDir, "keys.json"), nowMs: Date.now, random: randomBytes },
    ["bob", "cleo"].map((name) => ({ role: "governor" as const, name, ...any })),
    { create: false },
  );
  const governors = added.map(({ token }) => token);
  const backEnd = new BackEnd(site);
  const vote = (id: string, token = ""): Promise<unknown> =>
    fetch(`${site.url}/v1/proposals/${id}/approve`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: "{}",
    }).catch(() => null);
  return { site, backEnd, governors, vote };
}

const actionOf = ({ kind, record }: Recorded): unknown =>
  kind === "governance" ? record["action"] : kind;

describe.skipIf(!hasNode)("a service that is killed", { timeout: 240_000 }, () => {
  it.each([
    [
      "before the change is made",
      (records: readonly Recorded[], id: string) =>
        records.some((one) => actionOf(one) === "executing" && one.record["proposal_id"] === id),
      false,
    ],
    [
      "after it was made, and before that was noted",
      (records: readonly Recorded[], id: string) =>
        records.some(
          ({ kind, record }) => kind === "unfreeze" && record["operator"] === `proposal:${id}`,
        ),
      true,
    ],
  ])("%s, leaves it to the next one: once, and noted", async (_, isMoment, wasMade) => {
    const { site, backEnd, governors, vote } = await governedSite();
    const served = await serve(site);
    await backEnd.until("ALLOW");
    const order = { scope: "wallet", id: "hot", reason: "a drill" };
    const frozen = await backEnd.ask("POST /v1/freezes", order, "operator");
    const lift = { kind: "unfreeze", scope: "cause", id: frozen?.body["cause_id"] };
    const made = await backEnd.ask(
      "POST /v1/proposals",
      { change: lift, reason: "over" },
      "operator",
    );
    const id = String(made?.body["proposal_id"]);
    expect(id).toMatch(/^p-/);
    await vote(id, governors[0]);
    const killed = killWhen(site, served, (records) => isMoment(records, id));
    await vote(id, governors[1]);
    await killed;

    const db = openDatabase(site.ledger);
    const before = recordsIn(db);
    db.close();
    expect(before.map(actionOf)).toContain("executing");
    expect(before.map(actionOf)).not.toContain("executed");
    expect(before.filter(({ kind }) => kind === "unfreeze")).toHaveLength(wasMade ? 1 : 0);

    await serve(site);
    const proposal = async () =>
      (await backEnd.ask(`GET /v1/proposals/${id}`, undefined, "operator"))?.body ?? {};
    const deadline = performance.now() + 30_000;
    while ((await proposal())["status"] === "executing" && performance.now() < deadline) {
      await sleep(100);
    }
    expect(await proposal()).toMatchObject({
      status: "executed",
      outcome: { code: "done", text: expect.stringMatching(wasMade ? /ended before/ : /^it was/) },
    });
    await backEnd.until("ALLOW");
    const again = openDatabase(site.ledger);
    const after = recordsIn(again);
    again.close();
    expect(after.filter(({ kind }) => kind === "unfreeze")).toHaveLength(1);
    const actions = after.map(actionOf);
    expect(actions.filter((one) => one === "executing" || one === "executed")).toEqual([
      ...["executing", "executed"],
    ]);
  });
});

/** What happens to a SQLite ledger's files under the running service, and at its next start. */
import { copyFileSync, linkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { EXIT } from "../../../src/errors.js";
import { expectNothingLeaked, expectNothingLost } from "../../support/faults/checks.js";
import { canMakeImmutable, makeImmutable } from "../../support/faults/immutable.js";
import type { Site } from "../../support/faults/site.js";
import { faultSuite } from "../../support/faults/suite.js";

const { hasNode, make, serve, running, atEnd } = faultSuite();

/** Does something to the files, and returns how to undo it. */
type Fault = (site: Site, other: Site, older: string) => () => void;

const deleted: Fault = ({ ledger }) => {
  renameSync(ledger, `${ledger}.away`);
  return () => renameSync(`${ledger}.away`, ledger);
};

/** Puts something else in the place of the ledger's file, at once: the service never sees a missing one. */
const replaced =
  (put: (path: string, other: Site, older: string) => void): Fault =>
  ({ ledger }, other, older) => {
    put(`${ledger}.other`, other, older);
    linkSync(ledger, `${ledger}.away`);
    renameSync(`${ledger}.other`, ledger);
    return () => renameSync(`${ledger}.away`, ledger);
  };

const readOnly: Fault = ({ ledger }) => {
  const files = [ledger, `${ledger}-wal`];
  atEnd(() => makeImmutable(files, false));
  makeImmutable(files, true);
  return () => makeImmutable(files, false);
};

const faults: readonly (readonly [string, Fault, RegExp])[] = [
  ["deleted", deleted, /was removed or moved while it was open/],
  ["replaced by an empty one", replaced((path) => writeFileSync(path, "")), /was replaced while/],
  [
    "replaced by an older copy",
    replaced((path, _, older) => copyFileSync(older, path)),
    /was replaced while/,
  ],
  [
    "replaced by another deployment's",
    replaced((path, other) => copyFileSync(other.ledger, path)),
    /was replaced while/,
  ],
  ...(canMakeImmutable() ? [["made read-only", readOnly, /cannot be written/] as const] : []),
];

describe.skipIf(!hasNode)("a ledger's file", { timeout: 180_000 }, () => {
  it("that is removed, replaced or read-only under the service refuses payments until it is back", async () => {
    const { site, served, backEnd } = await running();
    const other = await make();
    const older = `${site.ledger}.older`;
    copyFileSync(site.ledger, older);
    const stop = backEnd.load();
    for (const [what, fault, why] of faults) {
      const undo = fault(site, other, older);
      const refused = await backEnd.until("ledger_unavailable");
      expect(refused.status, what).toBe(503);
      expect(refused.body["decision"]).toMatchObject({ final: "REFUSED", recorded: false });
      const cause = async () => {
        const status = await backEnd.ask("GET /v1/status", undefined, "reader");
        return status?.body["cause"];
      };
      // On a busy machine the node's report may be the first cause for a moment.
      const waiting = { timeout: 30_000, message: what };
      await expect.poll(cause, waiting).toMatchObject({ code: "ledger_unavailable" });
      expect((await backEnd.ask("GET /readyz"))?.status, what).toBe(503);
      undo();
      await backEnd.until("ALLOW");
      expect(served.log(), what).toMatch(why);
    }
    await stop();
    await expectNothingLost(backEnd);
    expectNothingLeaked(backEnd, served.log());
  });

  it("whose write-ahead log is removed refuses at most one commit, and keeps what was answered", async () => {
    const { site, served, backEnd } = await running();
    const stop = backEnd.load();
    await backEnd.until("ALLOW");
    rmSync(`${site.ledger}-wal`);
    await backEnd.until("ALLOW");
    await stop();
    await expectNothingLost(backEnd);
    expect(served.log()).toMatch(/write-ahead log was removed or replaced/);
    expectNothingLeaked(backEnd, served.log());
  });

  it("that another one has replaced starts no service, with what to do, until it is adopted or back", async () => {
    const { site, served, backEnd } = await running();
    const other = await make();
    const older = `${site.ledger}.older`;
    await served.end();
    copyFileSync(site.ledger, older);
    const between = await serve(site);
    await backEnd.until("ALLOW");
    await between.end();
    copyFileSync(site.ledger, `${site.ledger}.newest`);
    const attempt = async (put: string): Promise<string> => {
      copyFileSync(put, site.ledger);
      const { code, text } = await site.command("serve");
      expect(code).toBe(EXIT.bad_data_folder);
      expectNothingLeaked(backEnd, text);
      return text;
    };
    expect(await attempt(other.ledger)).toMatch(/the ledger was made for .* and lies at/);
    const text = await attempt(older);
    expect(text).toMatch(/behind its witness .*adopt this one with shield ledger adopt/);
    const doctor = (await site.command("doctor")).text;
    expect(doctor).toMatch(/behind its witness .*adopt this one with shield ledger adopt/);
    expect(text + doctor + served.log()).not.toMatch(/guardian-ledger|adoptSqliteLedger/);
    copyFileSync(`${site.ledger}.newest`, site.ledger);
    const again = await serve(site);
    await backEnd.until("ALLOW");
    await expectNothingLost(backEnd);
    expectNothingLeaked(backEnd, again.log());
  });
});

/** A disk that is full, or read-only: everything that the service keeps is on it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EXIT } from "../../../src/errors.js";
import { createApprovalFile } from "../../../src/service/runtime/approvals/file.js";
import { expectNothingLeaked, expectNothingLost } from "../../support/faults/checks.js";
import { canMount, makeDisk, type SmallDisk } from "../../support/faults/disk.js";
import { faultSuite } from "../../support/faults/suite.js";

const { hasNode, make, serve, running, atEnd } = faultSuite();
const isAble = canMount();

function disk(): SmallDisk {
  const made = makeDisk();
  atEnd(made.remove);
  return made;
}

describe.skipIf(!hasNode || !isAble)("a full disk", { timeout: 180_000 }, () => {
  it("refuses payments and approvals until there is room, and loses nothing", async () => {
    const { path, fill, free } = disk();
    const { site, served, backEnd } = await running({ dataDir: path });
    const approve = (id: string) =>
      backEnd.ask(`POST /v1/payments/${id}/approvals`, { binds: "ab".repeat(32) }, "approver");
    const [paid = ""] = backEnd.acknowledged.allowed;
    expect((await approve(paid))?.status).toBe(200);
    const stop = backEnd.load();
    fill();
    const refused = await backEnd.until("ledger_unavailable");
    expect(refused.body["decision"]).toMatchObject({ final: "REFUSED", recorded: false });
    const late = await backEnd.ask(
      `POST /v1/payments/${paid}/approvals`,
      { binds: "cd".repeat(32) },
      "approver",
    );
    // A line can fit into what the file has already; then it is kept.
    const isKept = late?.status === 200;
    if (!isKept) {
      expect(["approvals_unavailable", "ledger_unavailable"]).toContain(late?.code);
    }
    // Keys are changed whole or not at all: what the service gave up meanwhile can leave room for one.
    const keysFile = join(site.dataDir, "keys.json");
    const keysBefore = readFileSync(keysFile, "utf8");
    const { code, text } = await site.command("keys", "add", "--role", "reader", "--name", "late");
    const keysAfter = readFileSync(keysFile, "utf8");
    if (code === EXIT.done)
      expect(JSON.parse(keysAfter)).toMatchObject({
        keys: expect.arrayContaining([expect.objectContaining({ name: "late" })]),
      });
    else expect(keysAfter).toBe(keysBefore);
    free();
    await backEnd.until("ALLOW");
    await stop();
    expect((await approve(paid))?.status).toBe(200);
    await expectNothingLost(backEnd);
    expectNothingLeaked(backEnd, served.log(), text);
    await served.end("SIGKILL");
    const again = await serve(site);
    await backEnd.until("ALLOW");
    await expectNothingLost(backEnd);
    expectNothingLeaked(backEnd, again.log());
    const known = await backEnd.ask(`GET /v1/payments/${paid}`, undefined, "approver");
    expect(JSON.stringify(known?.body).includes("cd".repeat(32))).toBe(isKept);
  });

  it("cuts no approval off that is given once there is room", async () => {
    const { path, fill, free } = disk();
    const file = `${path}/approvals.jsonl`;
    const store = createApprovalFile(file, Date.now);
    const approval = (approver: string) => ({
      ...{ payment_id: "p", approver, approved_at_ms: Date.now(), binds: "ab".repeat(32) },
    });
    // One line after the other, until the last one is cut off by the end of the disk.
    for (let i = 0; i < 30; i++) await store.add(approval(`a-${i}`));
    fill();
    const answers: unknown[] = [];
    for (let i = 30; i < 64 && answers.length === 0; i++) {
      await store.add(approval(`a-${i}`)).catch((error: unknown) => answers.push(error));
    }
    expect(answers).toMatchObject([{ code: "approvals_unavailable" }]);
    free();
    await store.add(approval("after"));
    const kept = (await createApprovalFile(file, Date.now).of("p")).map(({ approver }) => approver);
    expect(kept).toContain("after");
    expect(kept).toEqual((await store.of("p")).map(({ approver }) => approver));
  });
});

describe.skipIf(!hasNode || !isAble)("a read-only disk", { timeout: 180_000 }, () => {
  it("starts no service, and says what to do", async () => {
    const { path, readOnly } = disk();
    const site = await make({ dataDir: path });
    readOnly(true);
    const { code, text } = await site.command("serve");
    expect(code).toBe(EXIT.bad_data_folder);
    expect(text).toMatch(/cannot be written: let the process's user write/);
    readOnly(false);
    await serve(site);
  });
});

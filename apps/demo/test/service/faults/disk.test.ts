/** A disk that is full, or read-only: everything that the service keeps is on it. */
import { describe, expect, it } from "vitest";
import { EXIT } from "../../../src/errors.js";
import { createApprovalFile } from "../../../src/service/runtime/approvals/file.js";
import { canMount, makeDisk, type SmallDisk } from "../../support/faults/disk.js";
import { faultSuite } from "../../support/faults/suite.js";

const { hasNode, make, serve, atEnd } = faultSuite();
const isAble = canMount();

function disk(): SmallDisk {
  const made = makeDisk();
  atEnd(made.remove);
  return made;
}

describe.skipIf(!isAble)("a full disk", { timeout: 180_000 }, () => {
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

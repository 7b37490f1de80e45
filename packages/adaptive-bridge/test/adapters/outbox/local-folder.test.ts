import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";
import { refuseNetworkFolder } from "../../../src/adapters/outbox/local-folder.js";

describe("refuseNetworkFolder", () => {
  it.each([
    ["NFS", 0x6969],
    ["SMB 2", 0xfe534d42],
    // As a signed 32-bit integer.
    ["CIFS", 0xff534d42 | 0],
    ["FUSE", 0x65735546],
  ])("refuses a folder on %s", async (name, type) => {
    const check = refuseNetworkFolder("/data", () => Promise.resolve({ type }));
    await expect(check).rejects.toMatchObject({
      name: "BridgeError",
      code: "unsupported_folder",
      detail: `/data is on ${name}: an outbox needs a disk of this machine`,
    });
  });

  it("takes a folder on a disk of this machine", async () => {
    await expect(refuseNetworkFolder(tmpdir())).resolves.toBeUndefined();
  });
});

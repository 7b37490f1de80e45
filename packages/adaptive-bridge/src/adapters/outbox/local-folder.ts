/** Rejects folders on network file systems, whose locks and flushes do not hold. */
import { statfs } from "node:fs/promises";
import { BridgeError } from "../../errors.js";

/** Types of file systems (`statfs(2)`) that are shared by machines, or kept by a program. */
const REMOTE: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB 2"],
  [0x01021997, "9P"],
  [0x00c36400, "Ceph"],
  [0x5346414f, "AFS"],
  [0x0bd00bd0, "Lustre"],
  [0x47504653, "GPFS"],
  [0x65735546, "FUSE"],
]);

/**
 * Checks that a folder is on a disk of this machine.
 *
 * @param stat reads the file system's type; `statfs(2)` by default
 * @throws BridgeError `unsupported_folder`
 */
export async function refuseNetworkFolder(
  folder: string,
  stat: (folder: string) => Promise<Readonly<{ type: number }>> = statfs,
): Promise<void> {
  const { type } = await stat(folder);
  const name = REMOTE.get(type >>> 0);
  if (name === undefined) return;
  // [REJECT unsupported_folder] locks and flushes do not hold there
  throw new BridgeError(
    "unsupported_folder",
    "",
    `${folder} is on ${name}: an outbox needs a disk of this machine`,
  );
}

/** Takes a lock of the operating system on an open file or folder, by the `flock` program (design, section 9). */
import { spawn } from "node:child_process";
import { BridgeError } from "../../errors.js";

/**
 * Takes an exclusive `flock(2)` on an open descriptor without waiting. The kernel keeps it until the descriptor is
 * closed, or the process has ended in whatever way.
 *
 * @param fd a descriptor of this process
 * @returns false where another process, or another descriptor of this one, has the lock
 */
export type DescriptorLock = (fd: number) => Promise<boolean>;

/** The descriptor of the program that takes the lock: the first one after its standard streams. */
const CHILD_FD = 3;
const HELD_BY_ANOTHER = 1;

/**
 * Locks by `flock -n` (util-linux, BusyBox). The program inherits the descriptor, and with it the open file that the
 * lock belongs to: the lock outlives the program.
 *
 * @throws BridgeError `lock_unavailable` (as a rejection) where the program is missing or fails
 */
export const flock: DescriptorLock = (fd) =>
  new Promise((resolve, reject) => {
    const child = spawn("flock", ["-n", String(CHILD_FD)], {
      stdio: ["ignore", "ignore", "ignore", fd],
    });
    child.once("error", (error) => reject(unavailable(error.message)));
    child.once("close", (code) => {
      if (code === 0) resolve(true);
      else if (code === HELD_BY_ANOTHER) resolve(false);
      else reject(unavailable(`it ended with ${code ?? "a signal"}`));
    });
  });

// [REJECT lock_unavailable] no program `flock`, or it failed
const unavailable = (detail: string): BridgeError =>
  new BridgeError(
    "lock_unavailable",
    "",
    `the program flock cannot be used (${detail}): install util-linux, or pass lockDescriptor`,
  );

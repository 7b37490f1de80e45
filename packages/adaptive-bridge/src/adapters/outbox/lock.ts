/** Keeps an outbox folder for one owner, by a lock of the operating system on the folder itself (design, section 9). */
import type { FileHandle } from "node:fs/promises";
import { BridgeError } from "../../errors.js";
import type { DescriptorLock } from "../files/flock.js";
import {
  type FileIdentity,
  foreign,
  identityOf,
  isAt,
  OPEN,
  openFile,
} from "../files/regular-file.js";

type Held = Readonly<{ handle: FileHandle; identity: FileIdentity }>;

/**
 * A folder that is held. The lock belongs to the folder, not to a file or a process id in it: nothing is left behind
 * by a process that ends in whatever way, and containers with process ids of their own exclude each other.
 */
export class FolderLock {
  readonly folder: string;
  readonly #lockDescriptor: DescriptorLock;
  #held: Held;

  private constructor(folder: string, lockDescriptor: DescriptorLock, held: Held) {
    this.folder = folder;
    this.#lockDescriptor = lockDescriptor;
    this.#held = held;
  }

  /**
   * Takes a folder.
   *
   * @throws BridgeError `outbox_locked`, `lock_unavailable`, `foreign_file`; an error of `node:fs`
   */
  static async take(folder: string, lockDescriptor: DescriptorLock): Promise<FolderLock> {
    return new FolderLock(folder, lockDescriptor, await hold(folder, lockDescriptor));
  }

  /** Whether the path still names the folder that is held. */
  isInPlace(): Promise<boolean> {
    return isAt(this.folder, this.#held.identity);
  }

  /** @throws Error where the folder was moved, removed or replaced: what is written now would be another's */
  async check(): Promise<void> {
    if (!(await this.isInPlace())) throw new Error(`${this.folder} was moved or removed`);
  }

  /** Takes the folder that is at the path now, in place of the one that was there before. */
  async takeAgain(): Promise<void> {
    const held = await hold(this.folder, this.#lockDescriptor);
    await this.release();
    this.#held = held;
  }

  /** Lets go of the folder. */
  async release(): Promise<void> {
    await this.#held.handle.close();
  }
}

async function hold(folder: string, lockDescriptor: DescriptorLock): Promise<Held> {
  const handle = await openFile(folder, OPEN.folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "ENOTDIR") throw error;
    throw foreign(folder, "a link, or no folder");
  });
  try {
    const identity = await identityOf(handle);
    if (!(await lockDescriptor(handle.fd))) throw locked(folder);
    if (!(await isAt(folder, identity))) throw locked(folder);
    return { handle, identity };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

// [REJECT outbox_locked] another outbox has the lock on the folder
const locked = (folder: string): BridgeError =>
  new BridgeError("outbox_locked", "", `another outbox has ${folder}: end that process first`);

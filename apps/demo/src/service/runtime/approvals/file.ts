/** Keeps approvals in one file, a line each, appended and flushed. */
import { statSync } from "node:fs";
import { open, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { PaymentApproval } from "../../service.js";
import {
  ApprovalError,
  approvalSchema,
  type ApprovalStore,
  covers,
  isStanding,
  MAX_APPROVALS,
  MAX_OF_APPROVER,
} from "./store.js";

export type { ApprovalStore } from "./store.js";

/**
 * Creates a store in the file at `path`, made at the first approval. Approvals that have expired are dropped when it is
 * read; a line that a crash or a full disk cut off was never acknowledged, and is left out. After a failure the file is
 * read again, so that the next line does not continue one that was cut off.
 */
export function createApprovalFile(path: string, clock: () => number): ApprovalStore {
  const latch = `${path}.signed-only`;
  const folder = folderOf(path);
  /** Whether the latch is there; undefined until it was looked for. Nothing but this store sets it, and nothing lifts it. */
  let isLatched: boolean | undefined;
  const lookForLatch = (): boolean => {
    isLatched ??= folder.has(latch);
    return isLatched;
  };
  let loaded: Promise<Map<string, PaymentApproval[]>> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const known = (): Promise<Map<string, PaymentApproval[]>> => {
    loaded ??= load(path, { folder, nowMs: clock() }).catch((error: unknown) => {
      loaded = undefined;
      throw new ApprovalError("approvals_unavailable", error);
    });
    return loaded;
  };
  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const mine = last.then(task);
    last = mine.catch(() => undefined);
    return mine;
  };
  return Object.freeze({
    add: (approval) =>
      inTurn(async () => {
        const approvals = await known();
        // What has expired neither stands for a new approval nor takes its room.
        const own = (approvals.get(approval.payment_id) ?? []).filter((one) =>
          isStanding(one, clock()),
        );
        if (own.some((one) => covers(one, approval))) return;
        // [409 too_many_approvals] the payment has as many as are kept
        const isFull = own.length >= MAX_APPROVALS || countOf(own, approval) >= MAX_OF_APPROVER;
        if (isFull) throw new ApprovalError("too_many_approvals");
        await append(path, `${JSON.stringify(approval)}\n`).catch((error: unknown) => {
          loaded = undefined;
          throw new ApprovalError("approvals_unavailable", error);
        });
        approvals.set(approval.payment_id, [...own, approval]);
      }),
    async of(paymentId) {
      const own = (await known()).get(paymentId) ?? [];
      return own.filter((approval) => isStanding(approval, clock()));
    },
    isSignedOnly: () => new Promise((resolve) => resolve(lookForLatch())),
    setSignedOnly: () =>
      inTurn(async () => {
        if (!folder.has(latch)) await replace(latch, "only signed approvals count\n");
        isLatched = true;
      }),
    close: () => inTurn(() => Promise.resolve()),
  } satisfies ApprovalStore);
}

const countOf = (known: readonly PaymentApproval[], { approver }: PaymentApproval): number =>
  known.filter((one) => one.approver === approver).length;

type Folder = Readonly<{
  /**
   * Whether a file of it is there: looked for between two looks at the folder, since in one that is not in its place no file is.
   *
   * @throws ApprovalError where it is not the folder of before
   */
  has(path: string): boolean;
}>;

/** The folder of a file as it is now. */
function folderOf(path: string): Folder {
  const own = dirname(path);
  const identity = (): string | null => {
    const found = statSync(own, { throwIfNoEntry: false, bigint: true });
    return found === undefined ? null : `${found.dev} ${found.ino}`;
  };
  const expected = identity();
  const check = (): void => {
    if (expected === null || identity() !== expected) {
      throw new ApprovalError("approvals_unavailable", new Error(`${own} is not in its place`));
    }
  };
  return {
    has(file) {
      check();
      const isThere = statSync(file, { throwIfNoEntry: false }) !== undefined;
      check();
      return isThere;
    },
  };
}

async function append(path: string, line: string): Promise<void> {
  const file = await open(path, "a", 0o600);
  try {
    await file.appendFile(line);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Reads the file, and rewrites it without what has expired or was cut off, so that the next line begins a line. */
async function load(
  path: string,
  { folder, nowMs }: Readonly<{ folder: Folder; nowMs: number }>,
): Promise<Map<string, PaymentApproval[]>> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (isMissing && !folder.has(path)) return "";
    throw error;
  });
  const standing = text
    .split("\n")
    .flatMap(parsed)
    .filter((approval) => isStanding(approval, nowMs));
  const kept = standing.map((approval) => `${JSON.stringify(approval)}\n`).join("");
  if (kept !== text) await replace(path, kept);
  const known = new Map<string, PaymentApproval[]>();
  for (const approval of standing) {
    known.set(approval.payment_id, [...(known.get(approval.payment_id) ?? []), approval]);
  }
  return known;
}

function parsed(line: string): PaymentApproval[] {
  try {
    return [approvalSchema.parse(JSON.parse(line))];
  } catch {
    return [];
  }
}

async function replace(path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  await writeFile(draft, text, { mode: 0o600, flush: true });
  await rename(draft, path);
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

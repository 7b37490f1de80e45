/** Holds two trees against each checkpoint: the one that is stored beside a ledger, and that of its records. */
import type { Checkpoint } from "./checkpoint.js";
import type { Findings } from "./findings.js";
import { createFrontier, type Frontier } from "./frontier.js";

/** The trees of a pass over the records. */
export type Trees = Readonly<{
  /** Adds the leaf of a number: by its record, and as it is stored. */
  add(seq: number, leaf: string | null, stored: string | undefined): void;
  /** Holds a checkpoint's root against both trees; true where one of them has it. */
  meet(checkpoint: Checkpoint, covered: number): boolean;
  flush(): void;
  root(): string;
}>;

/**
 * Two trees: over the hashes that are stored, where there are any, and over those of the records. They are the same one
 * until a record differs, and again from the next checkpoint on that decides between them.
 */
export function createTrees(found: Findings): Trees {
  let stored: Frontier | null = createFrontier();
  // Null while it is the same tree; of `whole: false` a leaf is not known.
  let own: Readonly<{ tree: Frontier; whole: boolean }> | null = null;
  let changed: number[] = [];
  let lastRoot = stored.root();

  const part = (): Readonly<{ tree: Frontier; whole: boolean }> =>
    (own ??= {
      tree: createFrontier(stored?.size() ?? 0, stored?.peaks() ?? []),
      whole: stored !== null,
    });

  return {
    add(seq, leaf, kept) {
      const [left, right] = [kept ?? leaf, leaf ?? kept];
      if (left === null || right === undefined) {
        // No hash of any kind: no root can be had from here on.
        lastRoot = stored?.root() ?? lastRoot;
        stored = null;
        own = null;
        return;
      }
      if (stored === null) return;
      if (leaf === null || left !== right) {
        const { tree, whole } = part();
        own = { tree, whole: whole && leaf !== null };
        if (leaf !== null) changed.push(seq);
      }
      stored.add(left);
      own?.tree.add(right);
    },
    meet({ tree_size, root, at_ms }, covered) {
      if (stored === null) {
        found.addUnverified({ from_seq: covered + 1, through_seq: tree_size, at_ms });
        return false;
      }
      if (stored.root() === root) {
        for (const seq of changed) found.add({ code: "changed", seq });
        [changed, own] = [[], null];
        return true;
      }
      if (own?.whole === true && own.tree.root() === root) {
        for (const seq of changed) found.add({ code: "store_differs", seq });
        [stored, changed, own] = [own.tree, [], null];
        return true;
      }
      for (const seq of changed) found.add({ code: "changed", seq });
      changed = [];
      found.addUnverified({ from_seq: covered + 1, through_seq: tree_size, at_ms });
      return false;
    },
    flush() {
      for (const seq of changed) found.add({ code: "changed", seq });
      changed = [];
    },
    root: () => stored?.root() ?? lastRoot,
  };
}

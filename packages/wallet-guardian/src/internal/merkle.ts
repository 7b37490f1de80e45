/** A Merkle tree over hashes in their order, with a proof for each. */
import { canonicalHash } from "@dgb-shield/contract";

/** A sibling on the way to the root. */
export type ProofStep = Readonly<{ side: "left" | "right"; hash: string }>;

/**
 * Builds the tree: neighbours are hashed in pairs, level by level; one that is left over goes up as it is. A leaf is a
 * hash of an object and a node one of a list, so that none can stand for the other.
 *
 * @param leaves at least one
 */
export function proofsOf(leaves: readonly string[]): {
  root: string;
  proofs: readonly (readonly ProofStep[])[];
} {
  const proofs = leaves.map((): ProofStep[] => []);
  let level = leaves.map((hash, index) => ({ hash, members: [index] }));
  while (level.length > 1) {
    const above: typeof level = [];
    for (let index = 0; index < level.length; index += 2) {
      const [left, right] = [level[index], level[index + 1]];
      if (left === undefined) continue;
      if (right === undefined) {
        above.push(left);
        continue;
      }
      for (const member of left.members) proofs[member]?.push({ side: "right", hash: right.hash });
      for (const member of right.members) proofs[member]?.push({ side: "left", hash: left.hash });
      above.push({
        hash: canonicalHash([left.hash, right.hash]),
        members: [...left.members, ...right.members],
      });
    }
    level = above;
  }
  return { root: level[0]?.hash ?? "", proofs };
}

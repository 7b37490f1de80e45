/** The digest of the live signals, as a tree of hashes of which a change touches one path (DQSN v2, section 2). */
import { sha256Hex } from "@dgb-shield/contract";
import type { Branch, HeldSignal } from "./held-signal.js";

/** Most signals under a branch that has no branches below it. */
const MOST_IN_LEAF = 16;

const EMPTY_HASH = sha256Hex("[]");

/**
 * The tree. Its shape follows from the signals alone, not from their history, so that its root is equal
 * wherever the same signals are live. What has changed is hashed when somebody asks.
 */
export class DigestTree {
  readonly #root = createBranch(undefined);

  insert(signal: HeldSignal): void {
    let branch = grown(this.#root);
    while (branch.branches !== undefined) {
      branch = grown(childFor(branch, signal, branch.branches));
    }
    place(branch, signal);
    if (branch.count > MOST_IN_LEAF) split(branch);
  }

  remove(signal: HeldSignal): void {
    const leaf = signal.branch as Branch;
    const signals = leaf.signals as HeldSignal[];
    signals.splice(signals.indexOf(signal), 1);
    touch(leaf);
    signal.branch = undefined;
    let small: Branch | undefined;
    for (let branch: Branch | undefined = leaf; branch !== undefined; branch = branch.parent) {
      branch.count--;
      if (branch.branches !== undefined && branch.count <= MOST_IN_LEAF) small = branch;
    }
    if (small !== undefined) merge(small);
  }

  /** Notes that the text of a signal has changed. */
  update(signal: HeldSignal): void {
    touch(signal.branch);
  }

  /** The hash of all signals, 64 lower-case hexadecimal digits. */
  digest(): string {
    return hashOf(this.#root);
  }

  /** All signals, in the order of their slot hashes. */
  signals(): HeldSignal[] {
    return signalsOf(this.#root);
  }
}

const createBranch = (parent: Branch | undefined): Branch => ({
  parent,
  depth: parent === undefined ? 0 : parent.depth + 1,
  count: 0,
  hash: undefined,
  signals: [],
  branches: undefined,
});

function grown(branch: Branch): Branch {
  branch.count++;
  branch.hash = undefined;
  return branch;
}

function childFor(branch: Branch, signal: HeldSignal, branches: (Branch | undefined)[]): Branch {
  const digit = Number.parseInt(signal.slotHash.charAt(branch.depth), 16);
  return (branches[digit] ??= createBranch(branch));
}

function place(leaf: Branch, signal: HeldSignal): void {
  const signals = (leaf.signals ??= []);
  let at = signals.length;
  while (at > 0 && (signals[at - 1] as HeldSignal).slotHash > signal.slotHash) at--;
  signals.splice(at, 0, signal);
  signal.branch = leaf;
}

function split(leaf: Branch): void {
  const signals = leaf.signals ?? [];
  const branches = Array.from({ length: 16 }, (): Branch | undefined => undefined);
  leaf.signals = undefined;
  leaf.branches = branches;
  for (const signal of signals) {
    const child = grown(childFor(leaf, signal, branches));
    place(child, signal);
    if (child.count > MOST_IN_LEAF) split(child);
  }
}

function merge(branch: Branch): void {
  const signals = signalsOf(branch);
  branch.branches = undefined;
  branch.signals = signals;
  for (const signal of signals) signal.branch = branch;
}

const signalsOf = (branch: Branch | undefined): HeldSignal[] =>
  branch?.signals?.slice() ?? branch?.branches?.flatMap(signalsOf) ?? [];

/** Above a branch with signals but without a hash none has one. */
function touch(from: Branch | undefined): void {
  for (let branch = from; branch?.hash !== undefined; branch = branch.parent) {
    branch.hash = undefined;
  }
}

function hashOf(branch: Branch | undefined): string {
  if (branch === undefined || branch.count === 0) return EMPTY_HASH;
  return (branch.hash ??= sha256Hex(textOf(branch)));
}

/** A list of canonical texts begins with a bracket, a list of hashes does not: no text is both. */
function textOf(branch: Branch): string {
  let text = "";
  if (branch.branches !== undefined) {
    for (const child of branch.branches) text += hashOf(child);
    return text;
  }
  for (const { canonical } of branch.signals ?? [])
    text += `${text === "" ? "[" : ","}${canonical}`;
  return `${text}]`;
}

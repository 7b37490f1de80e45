/** The digest of the live signals: a hash tree of which a change touches one path (design section 4.2: digest). */
import { sha256Hex } from "@dgb-shield/contract";
import type { Branch, Fork, LiveSignal } from "./live-signal.js";

/** Most signals under a branch that has no branches below it. */
const MOST_IN_LEAF = 16;

const FAN_OUT = 16;
const HASH_LENGTH = 64;
const EMPTY_HASH = sha256Hex("[]");

/**
 * A hash tree. Its shape follows from the signals alone, not from their history, so that its root is equal
 * wherever the same signals are live. Stale branches are hashed when the digest is read.
 */
export class DigestTree {
  readonly #root = createBranch(undefined, 0);
  #digest: string | undefined;

  insert(signal: LiveSignal): void {
    let branch = this.#root;
    branch.count++;
    while (branch.fork !== undefined) {
      branch = childFor(branch, signal, branch.fork);
      branch.count++;
    }
    place(branch, signal);
    this.#touch(branch);
    if (branch.count > MOST_IN_LEAF) split(branch);
  }

  remove(signal: LiveSignal): void {
    const leaf = signal.branch as Branch;
    leaf.signals.splice(leaf.signals.indexOf(signal), 1);
    signal.branch = undefined;
    this.#touch(leaf);
    let small: Branch | undefined;
    for (let branch: Branch | undefined = leaf; branch !== undefined; branch = branch.parent) {
      branch.count--;
      if (branch.fork !== undefined && branch.count <= MOST_IN_LEAF) small = branch;
    }
    if (small !== undefined) merge(small);
  }

  /** Marks the text of a signal as changed. */
  update(signal: LiveSignal): void {
    this.#touch(signal.branch);
  }

  /** The hash of all signals, 64 lower-case hexadecimal digits. */
  digest(): string {
    return (this.#digest ??= hashOf(this.#root));
  }

  /** All signals, in the order of their slot hashes. */
  signals(): LiveSignal[] {
    return signalsOf(this.#root);
  }

  /** Marks the path up from a branch as stale; it ends at a marked branch, whose path is marked already. */
  #touch(from: Branch | undefined): void {
    for (let branch = from; branch?.parent?.fork !== undefined; branch = branch.parent) {
      const bit = 1 << branch.digit;
      const { fork } = branch.parent;
      if ((fork.stale & bit) !== 0) return;
      fork.stale |= bit;
    }
    this.#digest = undefined;
  }
}

const createBranch = (parent: Branch | undefined, digit: number): Branch => ({
  parent,
  depth: parent === undefined ? 0 : parent.depth + 1,
  digit,
  count: 0,
  signals: [],
  fork: undefined,
});

function createFork(): Fork {
  const hashes = new Uint8Array(FAN_OUT * HASH_LENGTH);
  for (let digit = 0; digit < FAN_OUT; digit++) write(hashes, digit, EMPTY_HASH);
  return { branches: Array.from({ length: FAN_OUT }, () => undefined), hashes, stale: 0 };
}

function write(hashes: Uint8Array, digit: number, hash: string): void {
  const from = digit * HASH_LENGTH;
  for (let at = 0; at < HASH_LENGTH; at++) hashes[from + at] = hash.charCodeAt(at);
}

function childFor(branch: Branch, signal: LiveSignal, { branches }: Fork): Branch {
  const digit = Number.parseInt(signal.slotHash.charAt(branch.depth), FAN_OUT);
  return (branches[digit] ??= createBranch(branch, digit));
}

function place(leaf: Branch, signal: LiveSignal): void {
  const { signals } = leaf;
  let at = signals.length;
  while (at > 0 && (signals[at - 1] as LiveSignal).slotHash > signal.slotHash) at--;
  signals.splice(at, 0, signal);
  signal.branch = leaf;
}

function split(leaf: Branch): void {
  const { signals } = leaf;
  const fork = createFork();
  leaf.signals = [];
  leaf.fork = fork;
  for (const signal of signals) {
    const child = childFor(leaf, signal, fork);
    child.count++;
    place(child, signal);
    fork.stale |= 1 << child.digit;
  }
  for (const child of fork.branches) {
    if (child !== undefined && child.count > MOST_IN_LEAF) split(child);
  }
}

function merge(branch: Branch): void {
  const signals = signalsOf(branch);
  branch.fork = undefined;
  branch.signals = signals;
  for (const signal of signals) signal.branch = branch;
}

const signalsOf = (branch: Branch | undefined): LiveSignal[] =>
  branch?.fork?.branches.flatMap(signalsOf) ?? branch?.signals.slice() ?? [];

/** A list of canonical texts begins with a bracket, a list of hashes does not: no text is both. */
function hashOf({ fork, signals }: Branch): string {
  if (fork !== undefined) return hashOfFork(fork);
  let text = "[";
  for (const { canonical } of signals) text += text === "[" ? canonical : `,${canonical}`;
  return sha256Hex(`${text}]`);
}

function hashOfFork(fork: Fork): string {
  const { branches, hashes, stale } = fork;
  for (let digit = 0; digit < FAN_OUT; digit++) {
    const child = branches[digit];
    if ((stale & (1 << digit)) !== 0 && child !== undefined) write(hashes, digit, hashOf(child));
  }
  fork.stale = 0;
  return sha256Hex(hashes);
}

/** Which expected reporters are silent (DQSN v2, section 2). */
import type { Muting } from "../muting.js";
import { nodeKeyOf } from "../severities.js";
import { SortedNames } from "./sorted-names.js";
import type { LiveNode } from "./live-signal.js";

/** A node that is expected to report: of one operator, or of any. */
export type ExpectedNode = Readonly<{ node_id: string; operator?: string | undefined }>;

/** Under which operators an expected node of any operator has reported; null for none. */
export type KnownOperators = Readonly<{ node_id: string; operators: (string | null)[] }>;

/** Operators that are remembered of one expected node. */
export const MAX_KNOWN_OPERATORS = 8;

type Expected = {
  readonly name: string;
  /** The only operator that counts; undefined for any. */
  readonly operator: string | undefined;
  /** The operators under which it has reported. */
  readonly known: Set<string | undefined>;
  /** Its live nodes that are not muted. */
  live: number;
};

/**
 * Expected reporters and their live nodes. A muted node counts neither as a report nor as silence. A silent
 * node that names its operator in signals alone is muted with the operators under which it has reported.
 */
export class Silence {
  readonly #muting: Muting;
  readonly #ofAny = new Map<string, Expected>();
  readonly #ofOne = new Map<string, Expected>();
  readonly #silent = new SortedNames<Expected>();

  constructor(reporters: readonly ExpectedNode[], muting: Muting) {
    this.#muting = muting;
    for (const { node_id: name, operator } of reporters) {
      const expected: Expected = { name, operator, known: new Set(), live: 0 };
      if (operator === undefined) this.#ofAny.set(name, expected);
      else this.#ofOne.set(nodeKeyOf(name, operator), expected);
    }
    this.resettle();
  }

  /** Expected reporters that are silent and not muted. */
  get size(): number {
    return this.#silent.size;
  }

  /** The first of their node ids, in UTF-16 order. */
  names(): string[] {
    return this.#silent.names();
  }

  /** A node that is not muted has begun to count. */
  arrive(node: LiveNode): void {
    for (const expected of this.#expecting(node)) {
      expected.live++;
      this.#know(expected, node.operator.claim);
      this.#settle(expected);
    }
  }

  /** A node has ceased to count. */
  leave(node: LiveNode): void {
    for (const expected of this.#expecting(node)) {
      expected.live--;
      this.#settle(expected);
    }
  }

  /** Looks again who is muted. */
  resettle(): void {
    for (const expected of this.#all()) this.#settle(expected);
  }

  /** What is known of the operators of expected nodes, in UTF-16 order of the nodes. */
  list(): KnownOperators[] {
    return [...this.#ofAny.values()]
      .filter(({ known }) => known.size > 0)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, known }) => ({
        node_id: name,
        operators: [...known].map((operator) => operator ?? null).sort(inOrder),
      }));
  }

  /** Goes on from a list; nodes that are not expected any more are left out. */
  recall(list: readonly KnownOperators[]): void {
    for (const { node_id, operators } of list) {
      const expected = this.#ofAny.get(node_id);
      if (expected === undefined) continue;
      for (const operator of operators) this.#know(expected, operator ?? undefined);
      this.#settle(expected);
    }
  }

  /** Remembers an operator of an expected node; of too many it is remembered as without one. */
  #know(expected: Expected, operator: string | undefined): void {
    const { known } = expected;
    if (known.has(operator)) return;
    known.add(known.size < MAX_KNOWN_OPERATORS ? operator : undefined);
  }

  *#all(): Generator<Expected> {
    yield* this.#ofAny.values();
    yield* this.#ofOne.values();
  }

  #expecting({ id, operator: { claim } }: LiveNode): Expected[] {
    if (this.#ofAny.size + this.#ofOne.size === 0) return NONE;
    const ofAny = this.#ofAny.get(id);
    const ofOne = claim === undefined ? undefined : this.#ofOne.get(nodeKeyOf(id, claim));
    return [ofAny, ofOne].filter((expected) => expected !== undefined);
  }

  #settle(expected: Expected): void {
    if (expected.live > 0 || this.#isMuted(expected)) this.#silent.remove(expected);
    else this.#silent.add(expected);
  }

  #isMuted({ name, operator, known }: Expected): boolean {
    if (this.#muting.isMuted(name, operator)) return true;
    if (operator !== undefined || known.size === 0) return false;
    for (const each of known) if (!this.#muting.isMuted(name, each)) return false;
    return true;
  }
}

const NONE: Expected[] = [];

const inOrder = (a: string | null, b: string | null): number =>
  a === b ? 0 : (a ?? "") < (b ?? "") ? -1 : 1;

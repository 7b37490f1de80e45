/** Detects silent expected nodes (design section 4.2: silence). */
import type { Muting } from "../muting.js";
import { nodeKeyOf } from "../severities.js";
import { SortedNames } from "./sorted-names.js";
import type { LiveNode } from "./live-signal.js";

/** A node that is expected to send signals: of one operator, or of any. */
export type ExpectedNode = Readonly<{ node_id: string; operator?: string | undefined }>;

/** The operators that signals of an expected node have named; null for none. */
export type KnownOperators = Readonly<{ node_id: string; operators: (string | null)[] }>;

/** Operators that are kept of one expected node. */
export const MAX_KNOWN_OPERATORS = 8;

type Expected = {
  readonly name: string;
  /** The only operator that counts; undefined for any. */
  readonly operator: string | undefined;
  /** The operators that its signals have named. */
  readonly known: Set<string | undefined>;
  /** Its live nodes that are not muted. */
  live: number;
};

/**
 * Expected nodes and their live ones. A muted node counts neither as live nor as silent. A silent node
 * whose operator is known from signals alone is muted with the operators that its signals have named.
 */
export class Silence {
  readonly #muting: Muting;
  readonly #ofAny = new Map<string, Expected>();
  readonly #ofOne = new Map<string, Expected>();
  readonly #silent = new SortedNames<Expected>();

  constructor(expectedNodes: readonly ExpectedNode[], muting: Muting) {
    this.#muting = muting;
    for (const { node_id: name, operator } of expectedNodes) {
      const expected: Expected = { name, operator, known: new Set(), live: 0 };
      if (operator === undefined) this.#ofAny.set(name, expected);
      else this.#ofOne.set(nodeKeyOf(name, operator), expected);
    }
    this.resettle();
  }

  /** Expected nodes that are silent and not muted. */
  get size(): number {
    return this.#silent.size;
  }

  /** The first of their node ids, in UTF-16 order. */
  names(): string[] {
    return this.#silent.names();
  }

  /** Adds a live node that is not muted. */
  arrive(node: LiveNode): void {
    for (const expected of this.#expecting(node)) {
      expected.live++;
      this.#addKnown(expected, node.operator.claim);
      this.#settle(expected);
    }
  }

  /** Removes a live node. */
  leave(node: LiveNode): void {
    for (const expected of this.#expecting(node)) {
      expected.live--;
      this.#settle(expected);
    }
  }

  /** Recomputes silence after a change of muting. */
  resettle(): void {
    for (const expected of this.#all()) this.#settle(expected);
  }

  /** Lists the known operators of expected nodes, in UTF-16 order of the nodes. */
  list(): KnownOperators[] {
    return [...this.#ofAny.values()]
      .filter(({ known }) => known.size > 0)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, known }) => ({
        node_id: name,
        operators: [...known].map((operator) => operator ?? null).sort(inOrder),
      }));
  }

  /** Restores a list; nodes that are not expected any more are left out. */
  recall(list: readonly KnownOperators[]): void {
    for (const { node_id, operators } of list) {
      const expected = this.#ofAny.get(node_id);
      if (expected === undefined) continue;
      for (const operator of operators) this.#addKnown(expected, operator ?? undefined);
      this.#settle(expected);
    }
  }

  /** Adds a known operator of an expected node; beyond the bound it is kept as none. */
  #addKnown(expected: Expected, operator: string | undefined): void {
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

/** The first names in order of a changing set: the lists of a view (design section 4.2: silence). */

/** Most names in a list of a view; the count beside it covers all. */
const MAX_NAMES = 32;

/** A set of named members with the first 32 names in UTF-16 order. */
export class SortedNames<T extends Readonly<{ name: string }>> {
  readonly #members = new Set<T>();
  /** The first names; undefined while they must be searched again. */
  #first: string[] | undefined = [];

  get size(): number {
    return this.#members.size;
  }

  add(member: T): void {
    if (this.#members.has(member)) return;
    this.#members.add(member);
    if (this.#first !== undefined) insert(this.#first, member.name);
  }

  remove(member: T): void {
    if (!this.#members.delete(member) || this.#first === undefined) return;
    const at = this.#first.indexOf(member.name);
    if (at < 0) return;
    // The next name in order is not known.
    if (this.#members.size >= MAX_NAMES) this.#first = undefined;
    else this.#first.splice(at, 1);
  }

  /** A copy of the first names. */
  names(): string[] {
    this.#first ??= firstOf(this.#members);
    return this.#first.slice();
  }
}

function firstOf(members: Iterable<Readonly<{ name: string }>>): string[] {
  const first: string[] = [];
  for (const { name } of members) insert(first, name);
  return first;
}

/** Puts a name in its place, and drops the last one of too many. */
function insert(first: string[], name: string): void {
  let at = first.length;
  if (at === MAX_NAMES && (first[at - 1] as string) <= name) return;
  while (at > 0 && (first[at - 1] as string) > name) at--;
  first.splice(at, 0, name);
  if (first.length > MAX_NAMES) first.pop();
}

/** Names in order, of which a few come and go between two looks (the critical operators of a view). */

/** Most changes that are put into the list one by one. */
const MOST_SPLICED = 32;

/** Things with names; their names in UTF-16 order. */
export class NameList<T extends Readonly<{ name: string }>> {
  readonly #members = new Set<T>();
  /** Changed since the last look; undefined when they are too many to be worth noting. */
  #changed: Set<T> | undefined = new Set<T>();
  #listed = new Set<T>();
  #names: string[] = [];

  get size(): number {
    return this.#members.size;
  }

  add(member: T): void {
    this.#members.add(member);
    this.#note(member);
  }

  remove(member: T): void {
    this.#members.delete(member);
    this.#note(member);
  }

  /** A copy of the names. */
  names(): string[] {
    if (this.#changed === undefined) this.#listAll();
    else for (const member of this.#changed) this.#list(member);
    this.#changed = new Set();
    return this.#names.slice();
  }

  #note(member: T): void {
    this.#changed?.add(member);
    if ((this.#changed?.size ?? 0) > MOST_SPLICED) this.#changed = undefined;
  }

  #listAll(): void {
    this.#listed = new Set(this.#members);
    this.#names = Array.from(this.#members, ({ name }) => name).sort();
  }

  #list(member: T): void {
    const isMember = this.#members.has(member);
    if (isMember === this.#listed.has(member)) return;
    const at = placeOf(this.#names, member.name);
    if (isMember) {
      this.#listed.add(member);
      this.#names.splice(at, 0, member.name);
    } else {
      this.#listed.delete(member);
      this.#names.splice(at, 1);
    }
  }
}

/** The first place whose name is not before `name`. */
function placeOf(names: readonly string[], name: string): number {
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((names[middle] as string) < name) low = middle + 1;
    else high = middle;
  }
  return low;
}

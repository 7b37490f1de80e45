/** The types of the critical signals, kept up signal by signal (design section 4.2: level). */
import { isCritical } from "../severities.js";
import { SortedNames } from "./sorted-names.js";

/** The first names in UTF-16 order, at most 32, and the number of all. */
export type NamedTypes = Readonly<{ names: readonly string[]; count: number }>;

/** Counts the signals at or above 0.60 of each type. */
export class CriticalTypes {
  readonly #held = new Map<string, { readonly name: string; signals: number }>();
  readonly #names = new SortedNames<Readonly<{ name: string }>>();

  /** Counts a signal of a severity in 10⁻⁶, once more or once less. */
  count(type: string, severity: number, by: 1 | -1): void {
    if (!isCritical(severity)) return;
    const held = this.#held.get(type) ?? { name: type, signals: 0 };
    held.signals += by;
    if (held.signals > 0) {
      this.#held.set(type, held);
      this.#names.add(held);
    } else {
      this.#held.delete(type);
      this.#names.remove(held);
    }
  }

  /** A copy of what there is. */
  types(): NamedTypes {
    return { names: this.#names.names(), count: this.#names.size };
  }
}

/** Objects without a prototype: an absent member is absent, whatever `Object.prototype` has. */

/** Copies the own members of some objects into one without a prototype; later ones win. */
export const bare = <T extends object>(first: T, ...others: readonly Partial<T>[]): T =>
  Object.assign(Object.create(null) as T, first, ...others) as T;

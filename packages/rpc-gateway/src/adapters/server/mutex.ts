/** Runs work one after the other for each key. */

/** Runs the work after all work of the same key before it. */
export type Mutex = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** Makes a mutex; a key is forgotten when its work is done. */
export function createMutex(): Mutex {
  const last = new Map<string, Promise<unknown>>();
  return (key, work) => {
    const mine = (last.get(key) ?? Promise.resolve()).then(work);
    const settled = mine.catch(() => undefined);
    last.set(key, settled);
    void settled.then(() => {
      if (last.get(key) === settled) last.delete(key);
    });
    return mine;
  };
}

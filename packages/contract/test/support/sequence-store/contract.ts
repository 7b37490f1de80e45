/** What every sequence store does, whatever it keeps its sequences in. */
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { SequenceStore } from "../../../src/adapters/signing/index.js";

/** Stores over one place; a durable one can be opened again, on another connection. */
export type Place = Readonly<{
  store: SequenceStore;
  /** Another store over the same sequences. */
  again: () => Promise<SequenceStore>;
  close: () => Promise<void>;
}>;

const all = <T>(promises: Promise<T>[]): Promise<T[]> => Promise.all(promises);

/** Declares the tests of a store. */
export function describeSequenceStore(name: string, open: () => Promise<Place>): void {
  describe(`the ${name} sequence store`, async () => {
    const place = await open();
    const { store } = place;
    afterAll(() => place.close());
    let keys = 0;
    const newKey = (): string => `key-${keys++}`;

    it("accepts a first sequence, growing ones with gaps, and no other", async () => {
      const key = newKey();
      const answers = [];
      for (const sequence of [0, 0, 1, 7, 7, 6, 2, 8, Number.MAX_SAFE_INTEGER, 9]) {
        answers.push(await store.advance(key, sequence));
      }
      expect(answers).toEqual([true, false, true, true, false, false, false, true, true, false]);
    });

    it("keeps the keys apart, by case too", async () => {
      const key = newKey();
      expect(await store.advance(key, 5)).toBe(true);
      expect(await store.advance(key.toUpperCase(), 1)).toBe(true);
      expect(await store.advance(`${key}.`, 1)).toBe(true);
      expect(await store.advance(key, 5)).toBe(false);
    });

    it.each([-1, 0.5, NaN, Infinity, 2 ** 53, "1", null, undefined])(
      "rejects %s as a sequence, and changes nothing",
      async (sequence) => {
        const key = newKey();
        await expect(store.advance(key, sequence as number)).rejects.toThrow();
        expect(await store.advance(key, 0)).toBe(true);
      },
    );

    it.each(["", "k".repeat(129), undefined, 1])("rejects %s as a key", async (key) => {
      await expect(store.advance(key as string, 1)).rejects.toThrow();
    });

    it("gives one sequence to exactly one of many callers, over several stores", async () => {
      const stores = [store, await place.again(), await place.again()];
      for (let round = 0; round < 5; round++) {
        const key = newKey();
        const answers = await all(
          Array.from({ length: 30 }, (_, i) => stores[i % 3]!.advance(key, 1)),
        );
        expect(answers.filter(Boolean)).toHaveLength(1);
      }
    });

    it("accepts what a list of calls accepts (property)", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat({ max: 20 }), { maxLength: 12 }), async (sequences) => {
          const key = newKey();
          let last = -1;
          for (const sequence of sequences) {
            expect(await store.advance(key, sequence)).toBe(sequence > last);
            last = Math.max(last, sequence);
          }
        }),
        { numRuns: 30 },
      );
    });

    it("never accepts a sequence below one it has accepted, under any order of callers", async () => {
      const key = newKey();
      const sequences = Array.from({ length: 60 }, (_, i) => (i * 37) % 60);
      const stores = [store, await place.again()];
      const answers = await all(
        sequences.map((sequence, i) => stores[i % 2]!.advance(key, sequence)),
      );
      expect(answers[sequences.indexOf(59)]).toBe(true);
      expect(await store.advance(key, 59)).toBe(false);
      expect(await store.advance(key, 60)).toBe(true);
    });

    it("keeps a sequence in a store that is opened later", async () => {
      const key = newKey();
      await store.advance(key, 41);
      const later = await place.again();
      expect(await later.advance(key, 41)).toBe(false);
      expect(await later.advance(key, 42)).toBe(true);
    });
  });
}

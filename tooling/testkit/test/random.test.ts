import { describe, expect, it } from "vitest";
import { createRandom } from "../src/random.js";

describe("createRandom", () => {
  it("gives the sequence of mulberry32", () => {
    const random = createRandom(1);
    expect([random.next(), random.next(), random.next()]).toEqual([
      0.6270739405881613, 0.002735721180215478, 0.5274470399599522,
    ]);
  });

  it("repeats itself", () => {
    const drawn = (seed: number) => {
      const random = createRandom(seed);
      return Array.from({ length: 50 }, () => [random.below(10), random.pick("abc".split(""))]);
    };
    expect(drawn(7)).toEqual(drawn(7));
    expect(drawn(7)).not.toEqual(drawn(8));
  });

  it("draws every number below a limit, and no other", () => {
    const random = createRandom(3);
    const drawn = new Set(Array.from({ length: 500 }, () => random.below(6)));
    expect([...drawn].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("is true once in so many calls", () => {
    const random = createRandom(5);
    const times = Array.from({ length: 10_000 }, () => random.oneIn(10)).filter(Boolean).length;
    expect(times).toBeGreaterThan(900);
    expect(times).toBeLessThan(1_100);
  });
});

import { describe, expect, it } from "vitest";
import { FuzzFailure, runFuzzer, shownInput } from "../src/fuzz.js";

describe("runFuzzer", () => {
  it("tries every input once, and reports", () => {
    const [tried, reports]: [number[], number[]] = [[], []];
    runFuzzer({
      count: 2_500,
      seed: 1,
      tryOne: (_, index) => tried.push(index),
      report: (done) => reports.push(done),
      reportEvery: 1_000,
    });
    expect(tried).toEqual(Array.from({ length: 2_500 }, (_, index) => index));
    expect(reports).toEqual([1_000, 2_000]);
  });

  it("repeats a chunk by its seed", () => {
    const draw = (count: number) => {
      const drawn: number[] = [];
      runFuzzer({ count, seed: 9, tryOne: (random) => drawn.push(random.below(100)) });
      return drawn;
    };
    expect(draw(1_500).slice(0, 1_000)).toEqual(draw(1_000));
  });

  it("stops at the first input that fails, and names it", () => {
    const failing = () =>
      runFuzzer({
        count: 5_000,
        seed: 4,
        tryOne: (_, index) => {
          if (index === 1_234) throw new Error("broken");
        },
      });
    expect(failing).toThrow(FuzzFailure);
    expect(failing).toThrow("input 1234 of seed 4: Error: broken");
  });
});

describe("shownInput", () => {
  it.each([
    ["a\n", '"a\\n"'],
    [new Uint8Array([0, 255]), "00ff"],
  ])("writes %j", (input, shown) => expect(shownInput(input)).toBe(shown));
});

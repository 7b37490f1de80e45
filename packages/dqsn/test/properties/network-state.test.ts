import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crowd, history, live } from "../support/histories.js";

const RUNS = Number(process.env["HISTORIES"] ?? 10_000);

describe("createNetworkState", () => {
  it(
    `equals a model that goes through everything again, in ${RUNS} random histories`,
    { timeout: 600_000 },
    () => {
      fc.assert(
        fc.property(history, (lived) => {
          live(lived, (actual, expected) => expect(actual).toStrictEqual(expected));
        }),
        { numRuns: RUNS },
      );
    },
  );

  it(`equals that model with ${RUNS / 200} crowds`, { timeout: 600_000 }, () => {
    fc.assert(
      fc.property(crowd, (lived) => {
        live(lived, (actual, expected) => expect(actual).toStrictEqual(expected));
      }),
      { numRuns: RUNS / 200 },
    );
  });
});

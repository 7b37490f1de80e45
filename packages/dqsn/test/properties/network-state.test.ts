import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "@dgb-shield/testkit/runs";
import { crowd, history, live } from "../support/histories.js";

const HISTORIES = Number(process.env["HISTORIES"] ?? runs(500, 10_000));
const CROWDS = Math.ceil(HISTORIES / 200);

describe("createNetworkState", () => {
  it(
    `equals a model that goes through everything again, in ${HISTORIES} random histories`,
    { timeout: 600_000 },
    () => {
      fc.assert(
        fc.property(history, (lived) => {
          live(lived, (actual, expected) => expect(actual).toStrictEqual(expected));
        }),
        { numRuns: HISTORIES },
      );
    },
  );

  it(`equals that model with ${CROWDS} crowds`, { timeout: 600_000 }, () => {
    fc.assert(
      fc.property(crowd, (lived) => {
        live(lived, (actual, expected) => expect(actual).toStrictEqual(expected));
      }),
      { numRuns: CROWDS },
    );
  });
});

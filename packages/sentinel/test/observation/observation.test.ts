import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { headersOf, isWatched } from "../../src/observation/observation.js";
import { readObservation } from "../../src/observation/read-observation.js";
import { header, NODE, observation } from "../support/chain.js";

const valid = observation([header(1), header(2)]);

describe("readObservation", () => {
  it("reads what is valid", () => {
    expect(readObservation(valid, NODE)).toEqual({ ok: true, value: valid });
  });

  it.each([
    ["/at_ms", { at_ms: -1 }],
    ["/at_ms", { at_ms: "1" }],
    ["/tip", { tip: null }],
    ["/tip/hash", { tip: { ...header(2), hash: "A".repeat(64) } }],
    ["/tip/version", { tip: { ...header(2), version: 2 ** 31 } }],
    ["/tip/nonce", { tip: { ...header(2), nonce: 1 } }],
    ["/blocks", { blocks: [header(2), header(1)] }],
    ["/blocks", { blocks: [header(1), header(1)] }],
    [
      "/tips/0/status",
      { tips: [{ hash: header(1).hash, height: 1, branchlen: 0, status: "best" }] },
    ],
    ["/mempool/count", { mempool: { count: 0.5, bytes: 1 } }],
    ["/node_id", { node_id: "node-b" }],
    ["/peers", { peers: 3 }],
  ])("refuses what is wrong at %s", (path, fields) => {
    expect(readObservation({ ...valid, ...fields }, NODE)).toEqual({
      ok: false,
      path,
      detail: expect.any(String),
    });
  });

  it("takes a node without a tip while it does not answer or is syncing", () => {
    const silent = { ...valid, tip: null, blocks: [], reachable: false };
    expect(readObservation(silent, NODE)).toMatchObject({ ok: true });
    expect(readObservation({ ...silent, reachable: true, syncing: true }, NODE)).toMatchObject({
      ok: true,
    });
  });

  it("never throws", () => {
    const trap = new Proxy(
      {},
      {
        get: () => {
          throw new Error("trap");
        },
      },
    );
    expect(readObservation(trap, NODE)).toMatchObject({ ok: false });
    fc.assert(
      fc.property(fc.anything(), (input) => {
        expect(readObservation(input, NODE)).toMatchObject({ ok: false });
      }),
    );
  });
});

describe("headersOf", () => {
  it("adds the tip where it is not the last block", () => {
    expect(headersOf(valid)).toEqual([header(1), header(2)]);
    expect(headersOf(observation([], { tip: header(2) }))).toEqual([header(2)]);
  });
});

describe("isWatched", () => {
  it.each([
    [{}, true],
    [{ syncing: true }, false],
    [{ reachable: false }, false],
  ])("with %j is %s", (fields, expected) => {
    expect(isWatched({ ...valid, ...fields })).toBe(expected);
  });
});

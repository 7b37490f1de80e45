import { describe, expect, it } from "vitest";
import { HTTP_ERROR_CODES } from "../../../src/adapters/http/index.js";
import { createAnswers } from "../../../src/adapters/http/answers.js";
import { takeSignals } from "../../../src/adapters/http/take-signals.js";
import { createDqsn, createNetworkState } from "../../../src/index.js";
import { report } from "../../support/signals.js";

const NOW = 1_782_664_805_000;

describe("createAnswers", () => {
  it.each(["DQSN_ERROR_PAYLOAD_TOO_LARGE", "DQSN_ERROR_INTERNAL"] as const)(
    "shares no object between two answers of %s",
    (code) => {
      const answers = createAnswers(createDqsn());
      const first = answers.rejection(code);
      const before = structuredClone(first);
      Object.assign(first, { decision: "ALLOW" });
      first.reason_codes.length = 0;
      Object.assign(first.risk, { score: 0 });
      Object.assign(first.evidence, { error: null, config_fingerprint: "" });
      expect(answers.rejection(code)).toEqual(before);
    },
  );

  it("takes the code of an error from the error itself", () => {
    const answers = createAnswers(createDqsn());
    Object.assign(Object.prototype, { code: "FST_ERR_NOT_FOUND" });
    try {
      expect(answers.codeOf(new Error("down"))).toBe("DQSN_ERROR_INTERNAL");
    } finally {
      Reflect.deleteProperty(Object.prototype, "code");
    }
  });

  it("exports codes that cannot be changed", () => {
    expect(Object.isFrozen(HTTP_ERROR_CODES)).toBe(true);
  });
});

describe("takeSignals", () => {
  const take = (body: unknown, reading: unknown = NOW) => {
    const checked: unknown[] = [];
    const live = createNetworkState();
    const network = {
      ingest: (signal: unknown, at: number) => {
        checked.push(signal);
        return live.ingest(signal, at);
      },
    };
    const intake = { network, reading, grant: { maySpeakFor: () => true } } as never;
    return { taken: takeSignals(Buffer.from(JSON.stringify(body)), intake), checked };
  };

  it("validates each signal once, and hands on what was accepted", () => {
    const { checked, taken } = take([report(), report({ node_id: "node-b" })]);
    expect(taken).toMatchObject({ status: 200 });
    expect(checked).toMatchObject([{ accepted: true }, { accepted: true }]);
  });

  it("shares no result object between answers", () => {
    const results = [1, 2].map(() => (take(report()).taken as never)["answer"]["results"][0]);
    expect(results[0]).toEqual({ accepted: true });
    expect(results[0]).not.toBe(results[1]);
  });

  it.each([
    ["nothing", undefined],
    ["NaN", NaN],
    ["a text", "now"],
    ["seconds", NOW / 1_000],
    ["microseconds", NOW * 1_000],
    ["a reading without a time", {}],
  ])("refuses all with 503 when the clock gives %s", (_, reading) => {
    expect(take(report(), reading ?? null).taken).toEqual({
      ok: false,
      code: "DQSN_ERROR_CLOCK_INVALID",
    });
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DsseEnvelope, verifyBatch } from "../../src/adapters/signing/index.js";
import { goodEnvelope, options, verdict } from "../support/signing.js";

const { good, ed, ml } = await goodEnvelope();
const withSignatures = (...signatures: DsseEnvelope["signatures"]) => ({ ...good, signatures });

describe("verifyBatch, hostile input", () => {
  const flipped = (bytes: Buffer, bit: number): string => {
    const copy = Buffer.from(bytes);
    copy[bit >> 3]! ^= 1 << (bit & 7);
    return copy.toString("base64");
  };

  it.each(["payload", "ed25519", "ml-dsa-65"] as const)(
    "refuses any flipped bit of the %s",
    async (part) => {
      const text = part === "payload" ? good.payload : part === "ed25519" ? ed.sig : ml.sig;
      const bytes = Buffer.from(text, "base64");
      await fc.assert(
        fc.asyncProperty(fc.nat({ max: 8 * bytes.length - 1 }), async (bit) => {
          const changed = flipped(bytes, bit);
          const input =
            part === "payload"
              ? { ...good, payload: changed }
              : withSignatures(
                  part === "ed25519" ? { ...ed, sig: changed } : ed,
                  part === "ml-dsa-65" ? { ...ml, sig: changed } : ml,
                );
          expect(await verdict(input)).toMatch(/^bad_signature /);
        }),
        { numRuns: 200 },
      );
    },
  );

  it("refuses a text with any character changed", async () => {
    const text = JSON.stringify(good);
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: text.length - 1 }),
        fc.constantFrom("A", "0", '"', "{", " ", "\u0000", "\ud800"),
        async (at, character) => {
          fc.pre(text[at] !== character);
          const changed = text.slice(0, at) + character + text.slice(at + 1);
          expect(await verdict(changed)).not.toBe("accepted");
        },
      ),
      { numRuns: 500 },
    );
  });

  it("answers whatever it is given", async () => {
    await fc.assert(
      fc.asyncProperty(fc.anything({ withBigInt: true, withTypedArray: true }), async (input) => {
        expect(await verdict(input)).not.toBe("accepted");
        expect(await verdict({ ...good, signatures: input })).not.toBe("accepted");
      }),
      { numRuns: 500 },
    );
  });

  const throwsItself = () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- what a hostile caller would do
    throw angry;
  };
  const angry: object = new Proxy(
    {},
    { get: throwsItself, ownKeys: throwsItself, getPrototypeOf: throwsItself },
  );
  const circle: Record<string, unknown> = { ...good };
  circle["payload"] = circle;

  it.each<[string, unknown, string]>([
    ["a proxy that throws itself", angry, "not_plain"],
    [
      "an accessor",
      {
        ...good,
        get payload() {
          return good.payload;
        },
      },
      "not_plain /payload",
    ],
    ["a circle", circle, "not_plain"],
    ["a class instance", Object.assign(new Date(0), good), "not_plain"],
    [
      "a thousand signatures",
      withSignatures(...Array.from({ length: 1_000 }, () => ed)),
      "not_plain /signatures",
    ],
    [
      "nine signatures in a text",
      JSON.stringify(withSignatures(...Array.from({ length: 9 }, () => ed))),
      "invalid_envelope /signatures",
    ],
    ["more than 512,000 bytes", `"${"a".repeat(512_000)}"`, "payload_too_large"],
    ["bytes that are no UTF-8", Uint8Array.of(0xff), "invalid_utf8"],
    ["a data view", new DataView(new ArrayBuffer(8)), "not_plain"],
    ["nothing", undefined, "not_plain"],
    ["null", null, "invalid_envelope"],
    ["a number", 1, "invalid_envelope"],
    [
      "a name of Object.prototype as key",
      withSignatures(
        { ...ed, keyid: "__proto__#ed25519" },
        { ...ml, keyid: "__proto__#ml-dsa-65" },
      ),
      "unknown_key /signatures/0/keyid",
    ],
  ])("refuses %s", async (_, input, expected) => {
    expect(await verdict(input)).toMatch(new RegExp(`^${expected}`));
  });

  it("bounds the path that it answers with", async () => {
    const answer = await verifyBatch({ ...good, ["x".repeat(10_000)]: 1 }, options());
    expect(answer.accepted ? 0 : answer.path.length).toBe(256);
  });
});

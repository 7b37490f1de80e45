import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBase64, encodeBase64 } from "../../src/signing/base64.js";

describe("decodeBase64", () => {
  it("reads back what encodeBase64 writes, which is what Node writes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
        expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes);
      }),
    );
  });

  it.each([
    ["white space", "AQ ID"],
    ["a line feed at the end", "AQID\n"],
    ["missing padding", "AQI"],
    ["one padding sign for two", "AQ="],
    ["surplus padding", "AQID===="],
    ["only padding", "===="],
    ["padding inside", "AQ==AQID"],
    ["a set bit under one padding sign", "AQJ="],
    ["a set bit under two padding signs", "AR=="],
    ["the URL-safe alphabet", "-_-_"],
    ["a character beyond ASCII", "AQIé"],
  ])("refuses %s", (_, text) => {
    expect(decodeBase64(text)).toBeUndefined();
  });

  it("accepts no second text for the same bytes", () => {
    const digit = fc.constantFrom("A", "B", "Q", "R", "g", "w", "8", "+", "/", "=", " ");
    fc.assert(
      fc.property(fc.string({ unit: digit, maxLength: 12 }), (text) => {
        const bytes = decodeBase64(text);
        if (bytes !== undefined) expect(encodeBase64(bytes)).toBe(text);
      }),
      { numRuns: 2_000 },
    );
  });
});

import { parseStrictJson } from "@dgb-shield/contract";
import { runs } from "@dgb-shield/testkit/runs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson } from "../../src/json/parse.js";
import { isMap, plainOf } from "../../src/json/value.js";
import { writeJson } from "../../src/json/write.js";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What contract's reader makes of the same bytes. */
function strict(bytes: Uint8Array): unknown {
  try {
    return { value: parseStrictJson(bytes) };
  } catch (error) {
    return (error as { code: string }).code;
  }
}

function own(bytes: Uint8Array): unknown {
  const parsed = parseJson(bytes);
  return parsed.ok ? { value: JSON.parse(JSON.stringify(plainOf(parsed.value))) } : parsed.fault;
}

const TRICKY = [
  ...['{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '{"__proto__":1}', '"\\ud800"', '"\\uffff"', "1e400"],
  ...["9007199254740992", "-9007199254740993", "1.0e3", "01", "+1", "1.", ".5", "NaN", "'a'"],
  ...["[1,]", "{,}", '{"a":1,}', "", " ", "[1] 2", "\ufeff1", "tru", '{"a" 1}', '"\t"', "/**/1"],
  ...["[".repeat(33) + "]".repeat(33), "[".repeat(32) + "]".repeat(32), '"\u{1fffe}"', "\u00a01"],
];

describe("parseJson", () => {
  it.each(TRICKY)("answers as parseStrictJson to %j", (text) => {
    expect(own(bytesOf(text))).toEqual(strict(bytesOf(text)));
  });

  it("answers as parseStrictJson to bytes that are no UTF-8", () => {
    const bytes = new Uint8Array([0x22, 0xc3, 0x28, 0x22]);
    expect(own(bytes)).toBe("invalid_utf8");
    expect(strict(bytes)).toBe("invalid_utf8");
  });

  it("answers as parseStrictJson to any text made of JSON's pieces", () => {
    const piece = fc.constantFrom(
      ...['{"a":', '"a"', ":", ",", "{", "}", "[", "]", "1", "-0.50", "1E2", "true", "null", " "],
      ...['"\\u0061"', '"b":', "\\", '"', "\n", "e", "\ud83f\udffe"],
    );
    const texts = fc.oneof(
      fc.array(piece, { maxLength: 12 }).map((parts) => parts.join("")),
      fc.json().chain((text) =>
        fc.tuple(fc.nat(text.length), piece).map(([at, part]) => {
          return text.slice(0, at) + part + text.slice(at + 1);
        }),
      ),
      fc.json(),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(own(bytesOf(text))).toEqual(strict(bytesOf(text)));
      }),
      { numRuns: runs(3_000, 200_000) },
    );
  });

  it("keeps the text of a number, and writes what it read", () => {
    const text = '{"amount":0.10000000,"b":[1E-8,-0,1.5],"c":"\\u00e9\\"","d":{},"e":null}';
    const parsed = parseJson(bytesOf(text));
    const value = parsed.ok ? parsed.value : null;
    expect(writeJson(value)).toBe(
      '{"amount":0.10000000,"b":[1E-8,-0,1.5],"c":"é\\"","d":{},"e":null}',
    );
    expect(isMap(value) && writeJson(value.get("amount") ?? null)).toBe("0.10000000");
  });

  it("reads what it wrote as the same value", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const first = parseJson(bytesOf(text));
        if (!first.ok) return;
        expect(parseJson(bytesOf(writeJson(first.value)))).toEqual(first);
      }),
    );
  });
});

import { describe, expect, it } from "vitest";
import { canonicalSlices } from "../../src/json/fast/canonical-slices.js";
import { canonicalize, parseJsonList, parseStrictJson } from "../../src/index.js";

const spansOf = (text: string, list = "l") => canonicalSlices(text, JSON.parse(text), list);
const large = Array<string>(125_000).fill("1e9");

describe("parseJsonList", () => {
  it.each([
    ["canonical", '{"a":{"b":[1]},"l":[{"a":1,"b":[2]},"x",3,[],null,true]}'],
    ["canonical, with escapes", '{"l":["\\"\\\\\\b\\u0001\\u001f",{"k\\n":"é"}]}'],
    ["not canonical: keys", '{"l":[{"b":[2],"a":1},[{"d":0,"c":0}]]}'],
    ["not canonical: white space", '{ "l": [ { "a": 1 } , 2 ] }'],
    ["not canonical: numbers", '{"l":[1.0,1e3,-0,0.10,1E-7,0.0000001]}'],
    ["not canonical: escapes", '{"l":["\\u0061\\/",{"\\u0062":0,"a":1}]}'],
    ["keys that begin with a digit", '{"l":[{"10":1,"9":2,"a":3},{"1":{"b":0,"0":1}}]}'],
    ["a list within a list of its name", '{"l":[{"l":[2,{"l":[1]}]},3]}'],
    ["a list before others of its name", '{"k":{"l":[9]},"l":[1,2],"m":[[3]]}'],
  ])("gives each item as canonicalize does: %s", (_, text) => {
    const value = parseStrictJson(text) as { l: unknown[] };
    const parsed = parseJsonList(text, "l");
    expect(parsed.value).toEqual(value);
    expect(value.l.map((_item, i) => parsed.itemText(i))).toEqual(value.l.map(canonicalize));
    const bytes = parseJsonList(new TextEncoder().encode(text), "l");
    expect(bytes.itemText(0)).toBe(parsed.itemText(0));
  });

  it.each(['{"l":[1]}', '{"l": [1]}', '{"l":{"0":1}}', "[[1]]", "null", "3", '{"k":[1,2,3]}'])(
    "throws for an item that is not there: %s",
    (text) => {
      const { itemText } = parseJsonList(text, "l");
      for (const index of [-1, 0.5, 1, NaN]) expect(() => itemText(index)).toThrow(RangeError);
    },
  );

  it("takes no inherited member for the list", () => {
    expect(() => parseJsonList("{}", "constructor").itemText(0)).toThrow(RangeError);
  });

  it("refuses what the strict parser refuses", () => {
    const code = "duplicate_key";
    expect(() => parseJsonList('{"l":[1],"l":[2]}', "l")).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it("refuses an item whose canonical form is larger than a payload", () => {
    const { itemText } = parseJsonList(`{"l":[[${large.join()}]] }`, "l");
    const code = "payload_too_large";
    expect(() => itemText(0)).toThrow(expect.objectContaining({ code }));
  });

  it("adds keys in canonical order, whatever their order in the text", () => {
    const texts = ['{"l":[{"b":{"d":1,"c":2},"a":3}]}', '{"l":[{"a":3,"b":{"c":2,"d":1}}]}'];
    const [one, other] = texts.map((text) => JSON.stringify(parseJsonList(text, "l").value));
    expect(one).toBe(other);
  });
});

describe("parseJsonList, with a toJSON on Object.prototype", () => {
  it.each([
    ["arrays", Array.prototype],
    ["objects", Object.prototype],
  ])("does not call it: %s", (_, prototype) => {
    const text = '{ "l": [[1,{"b":2,"a":[3]}]] }';
    const before = parseJsonList(text, "l");
    Object.defineProperty(prototype, "toJSON", { value: () => "forged", configurable: true });
    const said = [before.itemText(0), parseJsonList(text, "l").itemText(0), canonicalize([[1]])];
    Reflect.deleteProperty(prototype, "toJSON");
    expect(said).toEqual(['[1,{"a":[3],"b":2}]', '[1,{"a":[3],"b":2}]', "[[1]]"]);
  });
});

describe("canonicalSlices", () => {
  it.each([
    ["keys out of order", '{"b":1,"a":2}'],
    ["a key twice", '{"a":1,"a":1}'],
    ["a key twice, of which one hides a longer text", '{"a":"","b":"x","a":"\\u0022"}'],
    ["a key twice, each as long", '{"a":"xy","a":"xz"}'],
    ["white space", '{"a": 1}'],
    ["white space at the end", '{"a":1} '],
    ["an escape that is none of canonical form", '["\\u0041"]'],
    ["an upper-case escape", '["\\u001F"]'],
    ["an escaped solidus", '["\\/"]'],
    ["a lone surrogate, escaped", '["\\ud800"]'],
    ["a lone surrogate", '["\ud800"]'],
    ["a pair, escaped", '["\\ud83d\\ude00"]'],
    ["minus zero", "[-0]"],
    ["a zero at the end", "[1.10]"],
    ["a point and zero", "[1.0]"],
    ["an exponent", "[1e2]"],
    ["an upper-case exponent", "[1E-7]"],
    ["a small number without exponent", "[0.0000001]"],
    ["a number with more digits than its double has", "[0.1000000000000000055]"],
    ["an integer outside ±(2^53−1)", "[9007199254740992]"],
    ["overflow", "[1e400]"],
    ["__proto__ as a key", '{"__proto__":1}'],
    ["keys that begin with digits, out of order", '{"a":1,"1":2}'],
    ["a depth of 33", "[".repeat(33) + "]".repeat(33)],
  ])("does not take for canonical: %s", (_, text) => {
    expect(spansOf(text)).toBeUndefined();
  });

  it.each([
    "[]",
    "{}",
    '""',
    "0",
    "-1.5",
    "[1e-7,1.5e-10,0.000001,0.1,123456789012345,9007199254740991,0.30000000000000004]",
    '{"":1,"A":1,"a":1,"a ":1,"a!":1,"aa":1,"é":1,"😀":1,"ﬀ":1}',
    '[":",":a","a:b",{":":":"}]',
    '["\\"\\\\\\b\\t\\n\\f\\r\\u0000\\u000b\\u001f\u007f\u2028"]',
    "[".repeat(32) + "]".repeat(32),
  ])("recognises as canonical: %s", (text) => {
    expect(canonicalize(JSON.parse(text))).toBe(text);
    expect(spansOf(text)).toEqual([]);
  });

  it("finds the items of the list at the top, and of no other", () => {
    const text = '{"a":{"l":[0]},"l":[1,[2],{"l":[3]}],"m":[4]}';
    const spans = spansOf(text)!;
    expect([0, 2, 4].map((i) => text.slice(spans[i], spans[i + 1]))).toEqual([
      "1",
      "[2]",
      '{"l":[3]}',
    ]);
    expect(spans).toHaveLength(6);
  });
});

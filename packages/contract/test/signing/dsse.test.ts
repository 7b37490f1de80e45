import { describe, expect, it } from "vitest";
import { preAuthEncoding } from "../../src/adapters/signing/index.js";

const utf8 = (text: string) => new TextEncoder().encode(text);
const read = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe("preAuthEncoding", () => {
  it("gives the bytes of the DSSE specification's own vector", () => {
    expect(read(preAuthEncoding("http://example.com/HelloWorld", utf8("hello world")))).toBe(
      "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
    );
  });

  it.each([
    ["counts bytes, not characters", "é", "€", "DSSEv1 2 é 3 €"],
    ["writes empty parts", "", "", "DSSEv1 0  0 "],
  ])("%s", (_, type, payload, expected) => {
    expect(read(preAuthEncoding(type, utf8(payload)))).toBe(expected);
  });
});

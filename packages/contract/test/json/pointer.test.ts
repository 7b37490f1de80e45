import { describe, expect, it } from "vitest";
import { pointer } from "../../src/index.js";

describe("pointer", () => {
  it.each([
    [[], ""],
    [["a", 0, "b"], "/a/0/b"],
    [["a/b", "~"], "/a~1b/~0"],
    [[""], "/"],
    [[Symbol("s")], "/?"],
  ])("joins %j to %j", (parts, path) => {
    expect(pointer(parts)).toBe(path);
  });

  it("continues another pointer", () => {
    expect(pointer(["b"], "/a~1")).toBe("/a~1/b");
  });
});

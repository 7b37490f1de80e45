import { describe, expect, it } from "vitest";
import { anchorsOf, headingsOf, linksOf, tableNamesBelow } from "../src/markdown.js";

const TEXT = [
  "# `Title` of *it*",
  "",
  '[a](one.md) and [b](two.md#part "title"), not `[c](three.md)`.',
  "",
  "```md",
  "# No heading",
  "[d](four.md)",
  "```",
  "",
  "## What, then? A & B",
  "## What, then? A & B",
  "[e]: five.md",
  '<https://example.org/six> <a id="seven"></a> <img src="eight.png">',
].join("\n");

describe("headingsOf", () => {
  it("reads headings outside of code", () => {
    expect(headingsOf(TEXT)).toEqual([
      { level: 1, text: "Title of it" },
      { level: 2, text: "What, then? A & B" },
      { level: 2, text: "What, then? A & B" },
    ]);
  });
});

describe("anchorsOf", () => {
  it("makes the anchors that GitHub makes", () => {
    expect([...anchorsOf(TEXT)]).toEqual([
      "title-of-it",
      "what-then-a--b",
      "what-then-a--b-1",
      "seven",
    ]);
  });
});

describe("linksOf", () => {
  it("reads every kind of link, and none in code", () => {
    expect(linksOf(TEXT)).toEqual([
      { target: "one.md", line: 3 },
      { target: "two.md#part", line: 3 },
      { target: "five.md", line: 12 },
      { target: "https://example.org/six", line: 13 },
      { target: "eight.png", line: 13 },
    ]);
  });
});

describe("tableNamesBelow", () => {
  it("reads every cell but the last, below the heading alone", () => {
    const text = [
      "## API",
      "| name | what |",
      "| --- | --- |",
      "| `parse(text)`, `LIMITS` | not `this` |",
      "### `./signing`",
      "| `./x` | `verify` | `x` |",
      "## Errors",
      "| `other` | x |",
    ].join("\n");
    const names = tableNamesBelow(text, "API").filter((name) => name !== "");
    expect(names).toEqual(["parse", "text", "LIMITS", "x", "verify"]);
    expect(tableNamesBelow(text, "Use")).toEqual([]);
  });
});

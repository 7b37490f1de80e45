import { describe, expect, it } from "vitest";
import {
  counted,
  grouped,
  paintFor,
  printable,
  timeText,
  wrapped,
} from "../../src/timeline/format.js";

describe("grouped", () => {
  it.each([
    [0, "0"],
    [999, "999"],
    [1_000, "1,000"],
    [23_751_096, "23,751,096"],
    ["1234.56789012", "1,234.56789012"],
  ])("writes %s as %s", (number, text) => {
    expect(grouped(number)).toBe(text);
  });
});

describe("counted", () => {
  it("minds the singular", () => {
    expect(counted(1, "block")).toBe("1 block");
    expect(counted(1_500, "block")).toBe("1,500 blocks");
  });
});

describe("printable", () => {
  it("replaces what moves a cursor, breaks a line or turns the writing around", () => {
    expect(printable("a\u001b[2Jb\u009bc\r\n\u2028\u2029\u202ed\u200b")).toBe("a�[2Jb�c�����d�");
    expect(printable("Größe 24.8 µs, 大")).toBe("Größe 24.8 µs, 大");
  });
});

describe("timeText", () => {
  const onset = Date.UTC(2026, 5, 28, 16, 40, 5);
  it("writes UTC or the time since the start", () => {
    expect(timeText("utc", onset, 0)).toBe("06-28 16:40:05");
    expect(timeText("elapsed", onset + 3_725_999, onset)).toBe("+01:02:05");
  });
});

describe("paintFor", () => {
  it("paints on a terminal alone, and not with NO_COLOR", () => {
    expect(paintFor({ isTTY: true }, {})("red", "x")).toBe("\u001b[31mx\u001b[39m");
    expect(paintFor({ isTTY: true }, { NO_COLOR: "1" })("red", "x")).toBe("x");
    expect(paintFor({}, {})("red", "x")).toBe("x");
  });
});

describe("wrapped", () => {
  it("breaks between words, counts no escape sequences, keeps a long word whole", () => {
    expect(wrapped("aa bb cc", 5)).toEqual(["aa bb", "cc"]);
    expect(wrapped("\u001b[31maa\u001b[39m bb cc", 5)).toEqual(["\u001b[31maa\u001b[39m bb", "cc"]);
    expect(wrapped("a longword b", 4)).toEqual(["a", "longword", "b"]);
    expect(wrapped("one line", Infinity)).toEqual(["one line"]);
  });
});

import { describe, expect, it } from "vitest";
import { barText, createProgress } from "../../src/timeline/progress.js";

function terminal(isTTY: boolean) {
  const written: string[] = [];
  const write = (text: string) => written.push(text) > 0;
  return { written, stream: { isTTY, columns: 60, write } as unknown as NodeJS.WriteStream };
}

describe("createProgress", () => {
  it("draws on one line of a terminal, at most ten times a second, and cleans up", () => {
    const { stream, written } = terminal(true);
    let now = 0;
    const progress = createProgress(stream, () => now);
    progress.move(1, 4, "a");
    now = 50;
    progress.move(2, 4, "a");
    now = 100;
    progress.move(3, 4, "a");
    progress.clear();
    progress.clear();
    expect(written).toHaveLength(3);
    expect(written[0]).toContain("25 % a");
    expect(written[1]).toContain("75 % a");
    expect(written[2]).toBe("\r\u001b[2K");
    expect(written.slice(0, 2).every((text) => text.length < 60 + 5)).toBe(true);
  });

  it("writes nothing in a pipe", () => {
    const { stream, written } = terminal(false);
    const progress = createProgress(stream, () => 0);
    progress.move(1, 2, "a");
    progress.clear();
    expect(written).toEqual([]);
  });
});

describe("barText", () => {
  it("is empty at the start and full at the end", () => {
    expect(barText(0, "x")).toBe(`  [${"─".repeat(30)}]   0 % x`);
    expect(barText(1, "x")).toBe(`  [${"█".repeat(30)}] 100 % x`);
  });
});

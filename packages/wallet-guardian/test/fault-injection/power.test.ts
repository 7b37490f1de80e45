import { describe, expect, it } from "vitest";
import { newDisk } from "../../fault-injection/power/disk.js";
import { readTrace } from "../../fault-injection/power/trace.js";

const hex = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
const file = (path: string) => `18<${hex(path)}>`;
const text = (image: ReadonlyMap<string, Buffer>, path: string) => image.get(path)?.toString();

const TRACE = [
  `1  pwrite64(${file("/l.new")}, "${hex("abcd")}", 4, 0) = 4`,
  `1  fsync(${file("/l.new")} <unfinished ...>`,
  `2  write(7<${hex("pipe")}>, "${hex("x")}", 1) = 1`,
  "1  <... fsync resumed>) = 0",
  `1  link("${hex("/l.new")}", "${hex("/l")}") = 0`,
  `1  unlink("${hex("/l.new")}") = 0`,
  `1  pwrite64(${file("/l")}, "${hex("XY")}", 2, 3) = 2`,
  `1  write(1<${hex("pipe")}>, "${hex("answer a\n")}", 9) = 9`,
  `1  ftruncate(${file("/l")}, 2) = 0`,
].join("\n");

describe("a disk after a power cut", () => {
  const calls = readTrace(TRACE);
  const diskAfter = (count: number) => {
    const disk = newDisk();
    for (const call of calls.slice(0, count)) disk.apply(call);
    return disk;
  };

  it("is read from a trace, call by call", () => {
    const kinds = calls.map(({ kind }) => kind);
    expect(kinds).toEqual(["write", "sync", "name", "unlink", "write", "said", "cut"]);
  });

  it("has what was synced alone", () => {
    expect(
      text(
        diskAfter(1).image(() => false),
        "/l.new",
      ),
    ).toBe("");
    expect(
      text(
        diskAfter(5).image(() => false),
        "/l",
      ),
    ).toBe("abcd");
    expect(
      diskAfter(5)
        .image(() => false)
        .has("/l.new"),
    ).toBe(false);
    expect(diskAfter(5).unsynced("/l")).toBe(1);
  });

  it("may have any of the rest", () => {
    expect(
      text(
        diskAfter(5).image(() => true),
        "/l",
      ),
    ).toBe("abcXY");
    expect(
      text(
        diskAfter(7).image(() => true),
        "/l",
      ),
    ).toBe("ab");
    expect(
      text(
        diskAfter(7).image((_, index) => index === 1),
        "/l",
      ),
    ).toBe("ab");
  });
});

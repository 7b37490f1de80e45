import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { linkFaults, markdownFilesBelow } from "../src/links.js";
import { ROOT } from "../src/packages.js";

const scratch = mkdtempSync(join(tmpdir(), "links-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const ABSOLUTE = "https://github.com/dgb-shield/dgb-shield/blob/main";

function write(file: string, text: string): void {
  mkdirSync(dirname(join(scratch, file)), { recursive: true });
  writeFileSync(join(scratch, file), text);
}

write("docs/a.md", "# One\n\n## Two words\n");
write("code.ts", "");
write("node_modules/x/README.md", "[a](missing.md)");

describe("linkFaults", () => {
  it.each([
    ["a file", "docs/a.md"],
    ["a folder", "docs"],
    ["an anchor", "docs/a.md#two-words"],
    ["an anchor of its own", "#here"],
    ["an absolute link into the repository", `${ABSOLUTE}/docs/a.md#one`],
    ["a line of a source file", "code.ts#L10"],
    ["an external address, which is not fetched", "https://example.org/nothing#x"],
    ["a mail address", "mailto:a@example.org"],
  ])("accepts %s", (_, target) => {
    write("page.md", `# Here\n[x](${target})\n`);
    expect(linkFaults(scratch, join(scratch, "page.md"))).toEqual([]);
  });

  it.each([
    ["a missing file", "docs/b.md", "no such file"],
    ["a missing anchor", "docs/a.md#three", "no such anchor"],
    ["a missing anchor of its own", "#there", "no such anchor"],
    ["a missing file by its absolute link", `${ABSOLUTE}/docs/b.md`, "no such file"],
    ["a missing anchor by its absolute link", `${ABSOLUTE}/docs/a.md#x`, "no such anchor"],
    ["an anchor of a source file", "code.ts#one", "no such anchor"],
    ["a path outside of the repository", "../../etc", "outside of the repository"],
    ["a path from the root", "/docs/a.md", "starts with a slash"],
    ["an address that is none", "https:///x", "not an address"],
    ["a scheme that no reader follows", "file:///etc/x", "not an address"],
  ])("refuses %s", (_, target, fault) => {
    write("page.md", `# Here\n[x](${target})\n`);
    expect(linkFaults(scratch, join(scratch, "page.md"))).toEqual([
      `page.md:2: ${target}: ${fault}`,
    ]);
  });
});

describe("markdownFilesBelow", () => {
  it("leaves dependencies out", () => {
    expect(markdownFilesBelow(scratch).map((file) => relative(scratch, file))).toEqual([
      "docs/a.md",
      "page.md",
    ]);
  });
});

const files = markdownFilesBelow(ROOT).map((file) => relative(ROOT, file));

describe("the links of the repository", () => {
  it("are found", () => expect(files).toContain("docs/design.md"));

  it.each(files)("of %s lead somewhere", (file) => {
    expect(linkFaults(ROOT, join(ROOT, file))).toEqual([]);
  });
});

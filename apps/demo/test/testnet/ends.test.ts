/** How a testnet ends, and what it says where it cannot start. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasLitecoind } from "@dgb-shield/testkit/litecoind";
import { afterAll, describe, expect, it } from "vitest";
import { shield, start } from "../support/shield.js";
import { isAnyNodeUp, startTestnet } from "../support/testnet.js";

const CLI = join(import.meta.dirname, "..", "..", "dist", "cli.js");
const root = mkdtempSync(join(tmpdir(), "testnet-ends-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Milliseconds in which everything must have ended. */
const END_MS = 10_000;

describe("shield testnet where it cannot start", () => {
  it("names how to install each node where there is none", async () => {
    const { ended } = start(["testnet"], { PATH: root });
    const { code, stderr } = await ended;
    expect(code).toBe(2);
    expect(stderr).toContain("no node program is installed");
    expect(stderr).toContain("apt-get install litecoind");
  });

  it("leaves a folder alone that is not empty", async () => {
    const dir = join(root, "full");
    mkdirSync(dir);
    writeFileSync(join(dir, "mine.txt"), "");
    const { code, stderr } = await shield("testnet", "--dir", dir);
    // Without a node program that is said first.
    expect([2, 4]).toContain(code);
    expect(stderr).toMatch(/is not empty|no node program/);
    expect(existsSync(join(dir, "mine.txt"))).toBe(true);
  });

  it.each([
    ["an unknown attack", ["attack", "flood\u001b[2J", "--dir", root], /there is no attack flood/],
    ["a folder without a testnet", ["attack", "split", "--dir", root], /has no testnet/],
    ["a folder without a testnet, to stop", ["stop", "--dir", root], /has no testnet/],
    ["a spacing of 0", ["--spacing", "0"], /number above 0/],
  ])("refuses %s", async (_, args, text) => {
    const { code, stderr } = await shield("testnet", ...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(text);
    expect(stderr).not.toContain("\u001b");
  });

  it("takes no file for a testnet that names another host", async () => {
    const dir = join(root, "foreign");
    mkdirSync(dir);
    writeFileSync(
      join(dir, "testnet.json"),
      JSON.stringify({ format: 1, control: { url: "http://198.51.100.1:80", token: "0" } }),
    );
    const { code, stderr } = await shield("testnet", "stop", "--dir", dir);
    expect({ code, refused: stderr.includes("no testnet that can be read") }).toEqual({
      ...{ code: 2, refused: true },
    });
  });
});

describe.skipIf(!hasLitecoind())("the end of a testnet", { timeout: 180_000 }, () => {
  const begin = (dir: string) =>
    startTestnet(`${process.execPath} ${CLI} testnet --program litecoind --dir ${dir}`, dir);

  it("leaves no process after Ctrl-C", async () => {
    const { child, ended, file } = await begin(join(root, "interrupted"));
    const known = file();
    const begunMs = performance.now();
    child.kill("SIGINT");
    expect(await ended).toBe(0);
    expect(performance.now() - begunMs).toBeLessThan(END_MS);
    expect(await isAnyNodeUp(known)).toBe(false);
  });

  it("ends what a killed one has left, and refuses orders until then", async () => {
    const dir = join(root, "killed");
    const { child, ended, file } = await begin(dir);
    const known = file();
    child.kill("SIGKILL");
    await ended;
    expect(await isAnyNodeUp(known)).toBe(true);
    const attack = await shield("testnet", "attack", "split", "--dir", dir);
    expect(attack.stderr).toContain("does not answer");
    expect((await shield("testnet", "--dir", dir)).code).toBe(4);
    const stop = await shield("testnet", "stop", "--dir", dir);
    expect(stop).toMatchObject({ code: 0, stdout: "what a killed testnet had left has ended\n" });
    expect(await isAnyNodeUp(known)).toBe(false);
  });

  it("ends in good order while it starts", async () => {
    const dir = join(root, "early");
    const args = ["testnet", "--program", "litecoind", "--dir", dir];
    const { child, ended } = start(args);
    await expect
      .poll(() => existsSync(join(dir, "node-1", "regtest")), { timeout: 20_000 })
      .toBe(true);
    child.kill("SIGINT");
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    expect(stdout).not.toContain("ready");
    expect(existsSync(join(dir, "node-1", "regtest", ".cookie"))).toBe(false);
  });
});

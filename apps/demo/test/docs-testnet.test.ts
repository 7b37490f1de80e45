/** Runs every command of the page on the testnet: real nodes, and each attack with its outcome. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasLitecoind } from "@dgb-shield/testkit/litecoind";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blocksOf, createCommandDesk, type Desk } from "./support/page.js";
import { isAnyNodeUp, startTestnet, type TestnetProcess } from "./support/testnet.js";

const PAGE = new URL("../../../docs/testnet.md", import.meta.url);
const page = readFileSync(PAGE, "utf8");
const blocks = blocksOf(page);

/** The commands under a heading, the blocks one after the other. */
const commandsOf = (wanted: string): string[] =>
  blocks.filter(({ heading }) => heading === wanted).flatMap(({ code }) => code.trim().split("\n"));

describe.skipIf(!hasLitecoind())("docs/testnet.md", { timeout: 400_000 }, () => {
  let desk: Desk;
  let testnet: TestnetProcess;
  let startedMs = 0;

  beforeAll(async () => {
    desk = createCommandDesk();
    const [start = ""] = commandsOf("Start");
    startedMs = performance.now();
    const folder = join(desk.folder, "testnet");
    testnet = await startTestnet(`${start} --program litecoind --spacing 2`, folder, {
      ...{ cwd: desk.folder, env: desk.env },
    });
  }, 120_000);
  afterAll(async () => {
    testnet.child.kill("SIGINT");
    await testnet.ended;
    desk.remove();
  }, 60_000);

  const texts = (source: string, from = 0): string[] =>
    testnet.events.slice(from).flatMap((event) => (event.source === source ? [event.text] : []));

  it("runs payments through the gateway and the API", async () => {
    const paid = (source: string) => texts(source).filter((text) => text.includes(": paid, "));
    await expect.poll(() => paid("gateway").length, { timeout: 30_000 }).toBeGreaterThan(1);
    await expect.poll(() => paid("payment").length, { timeout: 30_000 }).toBeGreaterThan(1);
  });

  const [split = "", status = "", heal = "", ...further] = commandsOf("Attack it");

  it("finds a split within a minute from nothing, refuses everywhere, and says so by its status", async () => {
    const before = testnet.events.length;
    const { stdout } = await desk.sh(split);
    expect(stdout).toMatch(
      /split: found by tip_divergence after .* service stopped after .* gateway refused after /,
    );
    expect(performance.now() - startedMs).toBeLessThan(60_000);
    expect(texts("adn", before)).toContain("lockdown FULL");
    const { service } = testnet.file();
    writeFileSync(join(desk.folder, "reader.key"), service.keys.reader);
    const answer = await desk.sh(status, { SERVICE: service.url });
    expect(answer.stdout).toMatch(/^stopped: /);
  });

  it("lets no attack begin before the last one was healed, and then heals it", async () => {
    await expect(desk.sh(split)).rejects.toThrow(/split was not healed/);
    expect((await desk.sh(heal)).stdout).toContain("payments flow again");
  });

  const FOUND = {
    reorg: "reorg",
    invalidate: "(?:rule_split|rival_chain|tip_divergence)",
    "double-spend": "double_spend",
    stall: "block_stall",
  } as const;

  it.each(Object.entries(FOUND))("finds %s, and pays again once it is healed", async (name, by) => {
    const at = further.findIndex((line) => line.includes(` attack ${name} `));
    const attacked = await desk.sh(further[at] ?? "false");
    expect(attacked.stdout).toMatch(new RegExp(`${name}: found by ${by} after `));
    if (name === "double-spend") expect(attacked.stdout).toMatch(/shows -\d+ confirmations/);
    const before = testnet.events.length;
    expect((await desk.sh(further[at + 1] ?? "false")).stdout).toContain("payments flow again");
    const paid = () => texts("gateway", before).filter((text) => text.includes(": paid, "));
    await expect.poll(() => paid().length, { timeout: 20_000 }).toBeGreaterThan(0);
  });

  it("has every attack of the page in the tests", () => {
    expect(further.filter((line) => !line.includes(" heal "))).toHaveLength(
      Object.keys(FOUND).length,
    );
  });

  it("ends, and leaves no node", async () => {
    const file = testnet.file();
    const [stop = ""] = commandsOf("End");
    await desk.sh(stop);
    expect(await testnet.ended).toBe(0);
    expect(await isAnyNodeUp(file)).toBe(false);
  });
});

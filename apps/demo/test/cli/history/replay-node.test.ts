/** `shield replay --node` at a real node: what would have been raised on its own chain. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasLitecoind } from "@dgb-shield/testkit/litecoind";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Past } from "../../../src/cli/history/past.js";
import { replayNode, type ReplayNodeOptions } from "../../../src/cli/history/replay-node.js";
import { EXIT } from "../../../src/errors.js";
import { LiveSite } from "../../support/live-site.js";

let site: LiveSite;
let folder: string;
beforeEach(() => {
  site = new LiveSite();
  folder = mkdtempSync(join(tmpdir(), "shield-history-"));
});
afterEach(async () => {
  await site.end();
  rmSync(folder, { recursive: true });
});

function run(options: Partial<ReplayNodeOptions>) {
  let out = "";
  const stream = { isTTY: false, columns: 80, write: (text: string) => Boolean((out += text)) };
  const io = { stdout: stream, stderr: stream, env: {}, stop: new AbortController().signal };
  const whole = { node: [], cookie: [], days: 30, transactions: false, json: false, ...options };
  const ended = replayNode(whole, io as unknown as Parameters<typeof replayNode>[1]);
  return { ended, out: () => out };
}

describe.skipIf(!hasLitecoind())("shield replay --node", { timeout: 180_000 }, () => {
  it("shows what would have been raised in the last days, as a table, as JSON and as a picture", async () => {
    const node = await site.start();
    // Older than what is read, then a day of blocks with a stall of ten hours in it.
    await site.mine(node, 20);
    await site.pass(3 * 86_400);
    await site.mine(node, 300);
    await site.pass(10 * 3_600);
    await site.mine(node, 100);
    const svg = join(folder, "past.svg");
    const given = { node: [`a=${node.url}`], cookie: [node.cookieFile], days: 2 };
    const json = run({ ...given, json: true, svg });
    expect(await json.ended).toBe(EXIT.found);
    const past = JSON.parse(json.out()) as Past;
    expect(past).toMatchObject({
      ...{ chain: "litecoin_regtest", blocks: 400, from_height: 21, to_height: 420 },
      ...{ transactions: false, level: "critical" },
    });
    const stall = past.detectors.find(({ detector }) => detector === "block_stall");
    expect(stall).toMatchObject({ critical: 1, worst: { finding_id: "block_stall:320" } });
    expect(past.detectors.map(({ detector }) => detector)).not.toContain("evidence_unavailable");
    expect(past.bins.reduce((sum, { blocks }) => sum + blocks, 0)).toBe(400);
    expect(past.not_shown.join(" ")).toMatch(
      /arrived.*mempool, peers.*branches that lost.*transactions/,
    );
    const picture = readFileSync(svg, "utf8");
    expect(picture).toMatch(/^<svg [^]*block_stall[^]*<\/svg>\n$/);
    expect(picture).not.toMatch(/NaN|undefined|Infinity/);

    const text = run({ ...given, transactions: true });
    expect(await text.ended).toBe(EXIT.found);
    expect(text.out()).toContain("litecoin_regtest: 400 blocks, heights 21 to 420");
    expect(text.out()).toMatch(/block_stall +\d+ +\d+ +1 +\d/);
    expect(text.out()).toContain("Not shown by a replay of headers:");
    expect(text.out()).not.toContain("add --transactions");
  });
});

describe("shield replay --node with wrong options", () => {
  it.each([
    [{ node: ["http://a", "http://b"] }, /--node: give one/],
    [
      { node: ["http://127.0.0.1:1"], chain: "digibyte" },
      /cannot read the node's past.*check the node/,
    ],
  ])("refuses %j with what to do", async (options, text) => {
    await expect(run(options).ended).rejects.toThrow(text);
  });
});

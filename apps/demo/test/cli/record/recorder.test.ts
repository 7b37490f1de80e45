/** What the recorder writes at real nodes replays to what was found live. */
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { litecoinRegtest } from "@dgb-shield/chain";
import { createSentinel, openRecording } from "@dgb-shield/sentinel";
import type { NodeSource } from "@dgb-shield/sentinel/rpc";
import { connect, disconnect, hasLitecoind } from "@dgb-shield/testkit/litecoind";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRecorder } from "../../../src/cli/record/recorder.js";
import { openRecordingStore } from "../../../src/cli/record/recording-store.js";
import { replayCommand, type ReplayCommandOptions } from "../../../src/cli/replay.js";
import { openLines } from "../../../src/cli/file-lines.js";
import { LiveSite } from "../../support/live-site.js";

let site: LiveSite;
let folder: string;
beforeEach(() => {
  site = new LiveSite();
  folder = mkdtempSync(join(tmpdir(), "shield-record-"));
});
afterEach(async () => {
  await site.end();
  rmSync(folder, { recursive: true });
});

/** Findings of `shield replay` on a file: id, when, and how severe. */
function replayed(file: string) {
  let out = "";
  const streams = {
    stdout: { write: (text: string) => Boolean((out += text)) },
    stderr: { isTTY: false, columns: 80, write: () => true },
  };
  const options = { nodeId: "x", atOnce: 1, json: true } as ReplayCommandOptions;
  replayCommand(file, options, streams);
  const { findings } = JSON.parse(out) as { findings: Found[] };
  return findings.map(({ finding_id, raised_at_ms, last_seen_ms, severity }) => ({
    ...{ finding_id, raised_at_ms, last_seen_ms, severity },
  }));
}
type Found = { finding_id: string; raised_at_ms: number; last_seen_ms: number; severity: number };

/** A recorder into a file, and beside it a Sentinel of its own that sees the same polls. */
async function recording(node_id: string, source: NodeSource, name: string) {
  const store = await openRecordingStore(join(folder, name), "refuse");
  const sentinel = createSentinel({ node_id, chain: litecoinRegtest });
  const live = new Map<string, Found>();
  const watched: Pick<NodeSource, "poll"> = {
    async poll() {
      const observation = await source.poll();
      const report = sentinel.observe(observation);
      for (const { finding_id, severity } of report.findings) {
        const at = report.observed_at_ms;
        const before = live.get(finding_id) ?? { finding_id, raised_at_ms: at, severity };
        const worst = Math.max(before.severity, severity);
        live.set(finding_id, { ...before, last_seen_ms: at, severity: worst });
      }
      return observation;
    },
  };
  const provenance = { source: "made for a test" };
  const recorder = createRecorder({
    ...{ source: watched, chain: litecoinRegtest, node_id, store, before: [], provenance },
    label: "live",
  });
  return {
    store,
    file: store.path,
    live: () => [...live.values()],
    poll: async () => {
      while ((await recorder.poll()).isMore);
      recorder.flush();
    },
  };
}

describe.skipIf(!hasLitecoind())("a recorder at real nodes", { timeout: 180_000 }, () => {
  it("writes what replays as it was live: the same findings at the same times", async () => {
    const [a, b] = [await site.start(), await site.start()];
    await connect(a, b);
    await site.mine(a, 3);
    await connect(a, b);
    const { poll, live, file, store } = await recording("a", site.source("a", a), "a.jsonl.gz");
    await poll();
    // A split and the reorganisation when both sides meet.
    await disconnect(a);
    await site.mine(a, 3);
    await poll();
    await site.mine(b, 6);
    await connect(a, b);
    await poll();
    // A restart of the node.
    await a.end();
    await site.pass(60);
    await poll();
    await a.start({ mockTimeS: site.nowS });
    await poll();
    // A stall of twenty hours by the nodes' and the observer's clock, and the block that ends it.
    for (let hour = 0; hour < 20; hour++) {
      await site.pass(3_600);
      await poll();
    }
    await site.mine(a, 1);
    await poll();
    store.close();
    const names = live().map(({ finding_id }) => finding_id.split(":")[0]);
    expect(names).toEqual(expect.arrayContaining(["reorg", "node_unreachable", "block_stall"]));
    expect(replayed(file)).toEqual(live());
  });

  it("leaves a file that is read up to its last whole flush, wherever it is cut", async () => {
    const node = await site.start();
    await site.mine(node, 2);
    const { poll, file, store } = await recording("a", site.source("a", node), "a.jsonl.gz");
    const ends: number[] = [];
    for (let i = 0; i < 4; i++) {
      await site.mine(node, 1);
      await poll();
      ends.push(store.bytes());
    }
    store.close();
    const whole = readFileSync(file);
    expect(whole.length).toBe(ends.at(-1));
    for (let end = ends[0]!; end <= whole.length; end++) {
      writeFileSync(file, whole.subarray(0, end));
      const { lines, isCut } = openLines(file);
      const shown = [...openRecording(lines, { node_id: "x" }).observations];
      expect(shown.length).toBe(ends.filter((one) => one <= end).length);
      expect(isCut).toBe(!ends.includes(end));
    }
  });

  it("holds the header without the machine's name, an address or a credential", async () => {
    const node = await site.start();
    await site.mine(node, 1);
    const { poll, file, store } = await recording("a", site.source("a", node), "a.jsonl");
    await poll();
    store.close();
    const text = readFileSync(file, "utf8");
    const header = JSON.parse(text.split("\n")[0]!) as Record<string, unknown>;
    expect(header).toMatchObject({
      ...{ format: "dgb-shield-recording", version: 2, chain: "litecoin_regtest" },
      ...{ network: "regtest", genesis_hash: litecoinRegtest.genesis?.hash, node_id: "a" },
      software: expect.stringContaining("LitecoinCore") as string,
      started_at_ms: site.nowS * 1_000,
    });
    const [user, password] = readFileSync(node.cookieFile, "utf8").split(":") as [string, string];
    for (const secret of [user, password, "127.0.0.1", node.folder]) {
      expect(text).not.toContain(secret);
    }
  });
});

describe("the file of a recording", () => {
  const path = (name: string) => join(folder, name);

  it("is not overwritten, and not shared", async () => {
    const store = await openRecordingStore(path("a.jsonl"), "refuse");
    store.append(["one"]);
    await expect(openRecordingStore(path("a.jsonl"), "append")).rejects.toThrow(/another recorder/);
    store.close();
    await expect(openRecordingStore(path("a.jsonl"), "refuse")).rejects.toThrow(
      /is there already: go on with it by --append, replace it by --force/,
    );
    expect(readFileSync(path("a.jsonl"), "utf8")).toBe("one\n");
    (await openRecordingStore(path("a.jsonl"), "replace")).close();
    expect(readFileSync(path("a.jsonl"), "utf8")).toBe("");
  });

  it.each(["a.jsonl.gz", "a.jsonl"])(
    "is continued behind its last whole flush: %s",
    async (name) => {
      const store = await openRecordingStore(path(name), "refuse");
      store.append(["one", "two"]);
      const first = store.bytes();
      store.append(["three"]);
      store.close();
      truncateSync(path(name), store.bytes() - 2);
      const again = await openRecordingStore(path(name), "append");
      expect(again.before).toBe("one\ntwo\n");
      expect(again.bytes()).toBe(first);
      again.append(["four"]);
      again.close();
      expect([...openLines(path(name)).lines]).toEqual(["one", "two", "four", ""]);
    },
  );

  it("says why a folder that is missing or a file that is damaged cannot be used", async () => {
    await expect(openRecordingStore(path("no/a.jsonl"), "refuse")).rejects.toThrow(/ENOENT/);
    const whole = gzipSync("one\ntwo\n");
    whole[12]! ^= 255;
    writeFileSync(path("a.jsonl.gz"), whole);
    await expect(openRecordingStore(path("a.jsonl.gz"), "append")).rejects.toThrow(/cannot read/);
  });
});

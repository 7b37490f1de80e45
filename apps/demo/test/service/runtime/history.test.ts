/** How the last days went, over restarts: what was kept is shown again, each block once, and a damaged file costs what is damaged. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digibyteRegtest } from "@dgb-shield/chain";
import type { Observation } from "@dgb-shield/sentinel";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Overview } from "../../../src/pipeline/index.js";
import { createHistory, type HistoryKeeper } from "../../../src/service/runtime/history/index.js";
import { openHistoryJournal } from "../../../src/service/runtime/history/journal.js";

const T0 = Date.UTC(2026, 10, 1);
const MINUTE_MS = 60_000;
const hashOf = (height: number, branch = 0): string =>
  (height * 16 + branch).toString(16).padStart(64, "0");

const blockOf = (height: number, branch = 0) => ({
  ...{ hash: hashOf(height, branch), height, version: 0x2000_0002 },
  time_s: T0 / 1_000 + height * 15,
});

/** What a node shows at a height, with the blocks since another one. */
const shown = (height: number, since: number, branch = 0) =>
  ({
    ...{ node_id: "a", at_ms: T0 + height * 15_000, tips: [] },
    tip: blockOf(height, branch),
    blocks: Array.from({ length: height - since }, (_, i) => blockOf(since + 1 + i, branch)),
  }) as unknown as Observation;

const overviewAt = (at_ms: number, height: number, fork: number | null = null) =>
  ({
    at_ms,
    view: { score: height % 7 === 0 ? 0.5 : 0.1, level: "ELEVATED" },
    reports: [{ node_id: "a", tip: { height }, level: "normal" }],
    together: {
      branches: [
        {
          ...{ tip_hash: hashOf(height), tip_height: height, chainwork: null, fork_height: fork },
          nodes: [{ node_id: "a", height, software: "/Core:8.26/", is_watched: true }],
        },
      ],
    },
  }) as unknown as Overview;

const sampled = (history: HistoryKeeper, height: number, fork: number | null = null): void =>
  history.sample(
    { state: height > 8 ? "stopped" : "open", sources: [{ node_id: "a", fresh: true }] as never },
    overviewAt(T0 + height * 15_000, height, fork),
  );

describe("a history that is kept", () => {
  let folder = "";
  let path = "";
  const warnings: string[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "shield-history-"));
    path = join(folder, "history.jsonl");
    warnings.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const open = (maxBytes?: number) =>
    createHistory(
      digibyteRegtest,
      openHistoryJournal(path, (text) => void warnings.push(text), maxBytes),
    );
  const read = (history: HistoryKeeper) => history.read(1, 60, T0 + 30 * MINUTE_MS);

  /** Twenty blocks, of which the last three are replaced, and a branch from the tenth on. */
  async function filled(history = open()): Promise<HistoryKeeper> {
    for (let height = 1; height <= 20; height++) {
      history.observe(shown(height, height - 1));
      sampled(history, height, height > 10 ? 5 : null);
    }
    history.observe(shown(21, 17, 1));
    await history.close();
    return history;
  }

  it("is the same after a restart", async () => {
    const before = read(await filled());
    expect(before).toMatchObject({ reorgs: [{ depth: 3, fork_height: 17 }] });
    expect(before.changes).toHaveLength(2);
    expect(before.blocks?.algorithms.map(({ name }) => name)).toEqual(["scrypt"]);
    const after = read(open());
    expect({ ...after, since_ms: 0 }).toEqual({ ...before, since_ms: 0 });
    // A minute is kept whole.
    expect(after.since_ms).toBe(Math.floor((before.since_ms ?? 0) / MINUTE_MS) * MINUTE_MS);
    expect(warnings).toEqual([]);
  });

  it("counts a block once that is shown again after a restart", async () => {
    const before = read(await filled());
    const again = open();
    again.observe(shown(21, 5, 1));
    // The blocks of the branch below the fork had not been shown: 6 to 17 are new.
    const sum = ({ blocks }: typeof before) => (blocks?.counts ?? []).reduce((a, b) => a + b, 0);
    expect(sum(read(again)) - sum(before)).toBe(12);
    again.observe(shown(20, 0));
    expect(sum(read(again)) - sum(before)).toBe(12);
  });

  it("knows no side tips before a node has listed them", async () => {
    await filled();
    expect(open().tips()).toBeNull();
  });

  it("leaves out what cannot be read, and goes on after it", async () => {
    const before = read(await filled());
    appendFileSync(path, '{"kind":"minute","bucket":1\n{"kind":"block","bucket":-1}\n\0\0{"kind"');
    const history = open();
    expect(read(history)).toMatchObject({ states: before.states, reorgs: before.reorgs });
    sampled(history, 24);
    await history.close();
    expect(read(open()).nodes[0]?.heights).toContain(24);
  });

  it("takes two files of bounded size, and keeps the newest", async () => {
    const most = 4_000;
    const history = open(most);
    for (let height = 1; height <= 400; height++) {
      history.observe(shown(height, height - 1));
      sampled(history, height);
      if (height % 10 === 0) await history.close();
    }
    expect(existsSync(`${path}.1`)).toBe(true);
    expect(statSync(path).size).toBeLessThanOrEqual(most);
    expect(statSync(`${path}.1`).size).toBeLessThanOrEqual(most);
    const heights = open(most).read(24, 1_440, T0 + 400 * 15_000).nodes[0]?.heights ?? [];
    expect(Math.max(...heights.map((height) => height ?? 0))).toBe(400);
  });

  it("says once that it cannot be written, and is there meanwhile", async () => {
    mkdirSync(path);
    const history = open();
    for (let height = 1; height <= 20; height++) {
      sampled(history, height);
      await history.close();
    }
    expect(read(history).nodes[0]?.heights).toContain(20);
    expect(warnings).toHaveLength(2);
    expect(warnings.join()).toMatch(/cannot be read.*is not kept/);
    rmSync(path, { recursive: true });
    sampled(history, 30);
    await history.close();
    expect(readFileSync(path, "utf8")).toContain('"height":30');
  });
});

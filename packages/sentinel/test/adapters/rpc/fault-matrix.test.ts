/**
 * A source at a real node behind what goes wrong between them: whatever is answered, Sentinel states a finding or an
 * error, and once the answers are right again it has seen every block.
 */
import { litecoinRegtest } from "@dgb-shield/chain";
import { hasLitecoind, type RegtestNode } from "@dgb-shield/testkit/litecoind";
import * as faults from "@dgb-shield/testkit/rpc-faults";
import { type Fault, type RpcProxy, startRpcProxy } from "@dgb-shield/testkit/rpc-proxy";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSentinel, type Observation, parseable } from "../../support/live.js";
import { Site } from "../../support/site.js";

/** How long a source waits in these tests, in milliseconds. */
const TIMEOUT_MS = 1_000;

/** Largest answer that a source reads in these tests. */
const MAX_BYTES = 2_000_000;

const HUGE = 1_000;

/** What must be shown while the fault lasts: the kind of the failure, or the detector of a finding. */
type Row = readonly [name: string, fault: Fault, shown: RegExp];

type Json = Record<string, unknown>;
const edited = (method: string, change: (result: Json, params: unknown) => unknown): Fault =>
  faults.withResults((result, call) =>
    call.method === method ? change(result as Json, call.params) : result,
  );
const bothHashes = (text: string, from: RegExp, to: string): string => text.replaceAll(from, to);

const ROWS: readonly Row[] = [
  ["no answer at all", faults.hanging, /timeout/],
  ["an answer that stops midway", faults.hangingMidway, /timeout/],
  ["an answer that comes too late", faults.late(TIMEOUT_MS * 2), /timeout/],
  ["a connection that breaks midway", faults.broken, /connection/],
  ["a body cut short", faults.truncated, /garbage/],
  ["a body without an end", faults.endless, /garbage/],
  ["a page of HTML", faults.stated(200, "<html>login</html>"), /garbage/],
  ["an empty body", faults.stated(200), /garbage/],
  ["HTTP 500", faults.stated(500, "Internal Server Error"), /garbage/],
  ["a full work queue as HTTP 500", faults.stated(500, "Work queue depth exceeded"), /overloaded/],
  ["a full work queue as HTTP 503", faults.stated(503, "Work queue depth exceeded"), /overloaded/],
  ["HTTP 503 of a proxy", faults.stated(503, "<html>busy</html>"), /overloaded/],
  ["HTTP 401", faults.stated(401), /unauthorized/],
  ["HTTP 403", faults.stated(403), /unauthorized/],
  ["HTTP 302", faults.stated(302), /garbage/],
  ["a node that warms up", faults.refusing(-28, "Loading block index…"), /rpc/],
  ["an error of the node", faults.refusing(-1, "error"), /rpc/],
  ["deeply nested arrays", faults.stated(200, "[".repeat(MAX_BYTES / 2)), /garbage/],
  [
    "a list of a million entries",
    faults.withAnswers((all) => all.map((one) => ({ ...one, result: Array(200_000).fill(1) }))),
    /garbage/,
  ],
  ["wrong ids", faults.withAnswers((all) => all.map((one) => ({ ...one, id: 7 }))), /garbage/],
  [
    "one id for two answers",
    faults.withAnswers((all) => all.map((one) => ({ ...one, id: all[0]?.id }))),
    /garbage/,
  ],
  [
    "exchanged ids",
    faults.withAnswers((all) => all.map((one, i) => ({ ...one, id: all.at(-1 - i)?.id }))),
    /garbage/,
  ],
  ["an answer too many", faults.withAnswers((all) => [...all, ...all]), /garbage/],
  ["an answer too few", faults.withAnswers((all) => all.slice(1)), /garbage/],
  ["no result", faults.withAnswers((all) => all.map(({ id }) => ({ id }))), /garbage/],
  ["null for each result", faults.withResults(() => null), /garbage/],
  [
    "each result twice",
    faults.withText((text) => bothHashes(text, /"result":/g, '"result":null,"result":')),
    /garbage/,
  ],
  [
    "two best blocks under one key",
    faults.withText((text) =>
      bothHashes(text, /"bestblockhash":/g, `"bestblockhash":"${"e".repeat(64)}","bestblockhash":`),
    ),
    /garbage/,
  ],
  [
    "text for a height",
    edited("getblockchaininfo", (info) => ({ ...info, blocks: "7" })),
    /garbage/,
  ],
  ["a height beyond all", edited("getblockchaininfo", (i) => ({ ...i, blocks: 1e15 })), /garbage/],
  ["a height below 0", edited("getblockchaininfo", (i) => ({ ...i, blocks: -1 })), /garbage/],
  [
    "another height in one answer",
    edited("getblockchaininfo", (i) => ({ ...i, blocks: Number(i["blocks"]) + HUGE })),
    /garbage/,
  ],
  [
    "another best block in one answer of a batch",
    edited("getbestblockhash", () => "f".repeat(64)),
    /garbage/,
  ],
  [
    "heights that are raised consistently",
    faults.withResults((result, { method, params }) => {
      if (method === "getblockchaininfo" || method === "getblockheader") return raised(result);
      const isLow = method === "getblockhash" && Number((params as number[])[0]) >= HUGE;
      return isLow ? "f".repeat(64) : result;
    }),
    /garbage/,
  ],
  ["another hash for each height", edited("getblockhash", () => "a".repeat(64)), /rpc|garbage/],
  ["another network", edited("getblockchaininfo", (i) => ({ ...i, chain: "main" })), /wrong_chain/],
  ["no network", edited("getblockchaininfo", () => ({ initialblockdownload: false })), /garbage/],
];

/** A result with its heights raised. */
function raised(result: unknown): unknown {
  const { blocks, headers, height, ...rest } = result as Record<string, number>;
  return {
    ...rest,
    ...(blocks !== undefined && { blocks: blocks + HUGE }),
    ...(headers !== undefined && { headers: headers + HUGE }),
    ...(height !== undefined && { height: height + HUGE }),
  };
}

const site = new Site();
let node: RegtestNode;
let proxy: RpcProxy;

/** A watcher of the node behind the proxy, which has seen its tip. */
async function watcher() {
  const source = site.source("a", node, {
    node: { url: proxy.url, timeout_ms: TIMEOUT_MS, max_response_bytes: MAX_BYTES },
  });
  const sentinel = createSentinel({ node_id: "a", chain: litecoinRegtest });
  const heights: number[] = [];
  async function look() {
    await site.pass(5);
    const observation = parseable(await source.poll());
    const report = sentinel.observe(observation);
    // Those of another chain are refused, and count for nothing.
    const isRefused = report.findings.some(({ detector }) => detector === "wrong_chain");
    if (!isRefused) heights.push(...observation.blocks.map(({ height }) => height));
    return { observation, report };
  }
  proxy.use();
  expect((await look()).report).toMatchObject({ status: "WATCHING", level: "normal" });
  return { look, heights };
}

type Looked = Awaited<ReturnType<Awaited<ReturnType<typeof watcher>>["look"]>>;

/** Failure and findings of one look. */
const shownOf = ({ observation, report }: Looked): string =>
  [observation.failure?.kind, ...report.findings.map(({ detector }) => detector)].join(" ");

const isNormal = ({ report }: Looked): boolean =>
  report.status === "WATCHING" && report.level === "normal";

const tipIn = ({ observation: { tip } }: Looked): Observation["tip"] => tip;

describe.skipIf(!hasLitecoind())("a source behind what goes wrong", { timeout: 60_000 }, () => {
  beforeAll(async () => {
    node = await site.start();
    await site.mine(node, 12);
    proxy = await startRpcProxy(node);
  });
  afterAll(async () => {
    await site.end();
    await proxy.close();
  });

  it.each(ROWS)("shows %s, and then every block", async (_, fault, shown) => {
    const { look, heights } = await watcher();
    await site.mine(node, 2);
    const height = Number(await node.rpc("getblockcount"));
    proxy.use(fault);
    for (let times = 0; times < 2; times++) {
      const looked = await look();
      expect(isNormal(looked)).toBe(false);
      expect(shownOf(looked)).toMatch(shown);
    }
    proxy.use();
    await site.pass(60); // a node that was too busy is left alone for a while
    const after = await look();
    expect(tipIn(after)).toMatchObject({ height });
    expect(after.report).toMatchObject({ status: "WATCHING", findings: [] });
    expect(heights).toEqual(Array.from({ length: height + 1 }, (_, i) => i));
  });

  // The hash at a height is only called for where there are new blocks.
  const unchanged = ROWS.filter(([name]) => name !== "another hash for each height");
  it.each(unchanged)("takes %s for no sign that nothing has changed", async (_, fault) => {
    const { look } = await watcher();
    proxy.use(fault);
    expect(isNormal(await look())).toBe(false);
  });
});

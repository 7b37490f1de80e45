/** What the defense counts by itself, of a real node and of a gateway's calls. */
import { bitcoin, litecoinRegtest } from "@dgb-shield/chain";
import { hasLitecoind, type RegtestNode, startNode } from "@dgb-shield/testkit/litecoind";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defenseInputsOf } from "../../../src/service/config/defense-inputs.js";
import { createRpcCounts, startTelemetry } from "../../../src/service/runtime/telemetry.js";
import { readText, smallestText, wrongIn } from "../../support/service-config.js";
import { deploy, until } from "../../support/service.js";

describe("defense_inputs", () => {
  it("is off where it is absent, and takes its defaults from the chain", () => {
    expect(defenseInputsOf(undefined, bitcoin)).toBeNull();
    expect(defenseInputsOf({}, bitcoin)).toEqual({ spacing_ms: 600_000 });
    expect(defenseInputsOf({}, litecoinRegtest)).toEqual({ min_peers: 0 });
    expect(defenseInputsOf({ min_peers: 2 }, litecoinRegtest)).toEqual({ min_peers: 2 });
  });

  it("is read from the file, and wrong thresholds are named", () => {
    const reading = readText(smallestText("defense_inputs: {max_rpc_refused: 7}"));
    expect(reading.ok && reading.config.defense_inputs).toEqual({
      ...{ min_peers: 0, max_rpc_refused: 7 },
    });
    const wrong = wrongIn(readText(smallestText("defense_inputs: {min_pears: 7}")));
    expect(wrong.join()).toContain("defense_inputs");
    expect(wrongIn(readText(smallestText("defense_inputs: {min_peers: -1}"))).join()).toContain(
      "/defense_inputs/min_peers",
    );
  });
});

describe.skipIf(!hasLitecoind())("telemetry of a node", () => {
  let node: RegtestNode;
  beforeAll(async () => {
    node = await startNode();
    await node.rpc("createwallet", "w");
    await node.rpc("generatetoaddress", 5, await node.rpc("getnewaddress"));
  });
  afterAll(() => node.remove());
  const auth = () => ({ cookie_file: node.cookieFile });

  it("is a sample of peers, mempool, height and calls, and of nothing while the node is down", async () => {
    const samples: unknown[] = [];
    const counts = createRpcCounts();
    // Of the time before this process watched: no evidence of now.
    counts.count("unauthorized", 9_000);
    const watch = { noteTelemetry: (sample: unknown) => void samples.push(sample) };
    const parts = { watch, counts, interval_ms: 50, warn: (text: string) => samples.push(text) };
    const telemetry = startTelemetry({ node: { url: node.url, auth: auth() }, ...parts });
    for (const outcome of ["calls", "calls", "refused", "unauthorized"] as const) {
      counts.count(outcome);
    }
    await until(
      () => Promise.resolve(samples.length),
      (length) => length > 1,
    );
    const still = { peers: 0, mempool_bytes: 0, height: 5 };
    expect(samples.slice(0, 2)).toEqual([
      { ...still, rpc: { calls: 2, refused: 1, unauthorized: 1 } },
      { ...still, rpc: null },
    ]);
    await node.end("SIGKILL");
    const nothing = { peers: null, mempool_bytes: null, height: null, rpc: null };
    await until(
      () => Promise.resolve(samples.at(-1)),
      (sample) => JSON.stringify(sample) === JSON.stringify(nothing),
    );
    await telemetry.close();
    await node.start();
  });

  it("raises the risk of a service whose gateway is abused, and no further than elevated", async () => {
    const watched = [{ node_id: "node-1", url: node.url, auth: auth() }];
    const deployment = await deploy({ nodes: watched, defense_inputs: { min_peers: 0 } });
    const service = await deployment.start();
    for (let i = 0; i < 800; i++) service.countRpc("unauthorized");
    await until(
      () => service.defense(),
      ({ events }) => events.some(({ type }) => type === "rpc_abuse"),
    );
    expect((await service.defense()).lockdown).toBe("NONE");
    await service.close();
    deployment.remove();
  });
});

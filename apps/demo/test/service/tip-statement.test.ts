/** The statement of the tip that a real service signs over a real node, and what verifies it without the service. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { litecoinRegtest } from "@dgb-shield/chain";
import { verifyTipStatement } from "@dgb-shield/client/statement";
import type { Signer } from "@dgb-shield/contract/signing";
import { hasLitecoind, type RegtestNode } from "@dgb-shield/testkit/litecoind";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { makeKeyFiles, readPublicKeys } from "../../src/cli/tip/key-file.js";
import { createService } from "../../src/service/runtime/index.js";
import { createTipStatements, tipKeyOf } from "../../src/service/runtime/tip-statement.js";
import type { Overview } from "../../src/pipeline/index.js";
import type { Service } from "../../src/service/service.js";
import { startSyncedNode } from "../support/faults/site.js";
import { deploy, until } from "../support/service.js";
import { shield } from "../support/shield.js";

const folder = mkdtempSync(join(tmpdir(), "shield-statement-"));
const [KEY, PUBLIC] = [join(folder, "tip-key.json"), join(folder, "tip.pub.json")];
makeKeyFiles({ operator: "site", key: KEY, public: PUBLIC, days: 1 }, "tip_statement", Date.now());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

const stated = async (service: Service) => {
  const answer = await service.tipStatement();
  return "no_statement" in answer ? answer.no_statement : "stated";
};

describe.skipIf(!hasLitecoind())("the statement of the tip", { timeout: 120_000 }, () => {
  let node: RegtestNode;
  beforeAll(async () => {
    node = await startSyncedNode();
  }, 60_000);
  afterAll(() => node.remove());

  it("is what the node shows, verified by the command and by the client, and none once the node is gone", async () => {
    const deployment = await deploy({
      nodes: [{ node_id: "node-1", url: node.url, auth: { cookie_file: node.cookieFile } }],
      ...{ poll_ms: 1_000, max_report_age_ms: 5_000, tip_statement: { key_file: KEY } },
    });
    endings.push(() => deployment.remove());
    const service = await deployment.start();
    endings.push(() => service.close());
    await until(
      () => stated(service),
      (found) => found === "stated",
    );
    const text = JSON.stringify(await service.tipStatement());
    const { name, genesis } = litecoinRegtest;
    const answer = verifyTipStatement(text, {
      ...{ keys: readPublicKeys(PUBLIC), now_ms: Date.now(), max_age_ms: 10_000 },
      chain: { name, genesis_hash: genesis?.hash ?? null },
    });
    expect(answer).toMatchObject({
      accepted: true,
      statement: {
        ...{ operator: "site", tip: { hash: await node.rpc("getbestblockhash"), height: 10 } },
        nodes: [{ node_id: "node-1", is_watched: true }],
      },
    });
    const file = join(folder, "tip.json");
    writeFileSync(file, text);
    const verified = await shield("tip", "verify", file, "--key", PUBLIC, "--chain", name);
    expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining("VALID")]);
    writeFileSync(file, text.replace(/"payload":"./, '"payload":"A'));
    expect((await shield("tip", "verify", file, "--key", PUBLIC)).code).toBe(6);

    const key = service.tipKey();
    const own = [...readPublicKeys(PUBLIC).values()][0];
    expect(key).toEqual({
      ...{ operator: "site", key_id: own?.key_id, public_keys: own?.public_keys },
    });
    expect(JSON.stringify(key)).not.toContain("secret");

    await node.end();
    await until(
      () => stated(service),
      (found) => found === "tip_unknown",
    );
  });
});

const NOW = 1_800_000_000_000;
const branch = (nodes: readonly object[]) => ({
  ...{ tip_hash: "1a".repeat(32), tip_height: 9, chainwork: null, fork_height: null, nodes },
});
const heard = { node_id: "a", height: 9, software: null, is_watched: true };
const overviewOf = (more: object = {}, together: object = {}): Overview =>
  ({
    ...{ veto: null, at_ms: NOW, inputs: { sources: [{ node_id: "a", fresh: true }] } },
    together: {
      ...{ chain: litecoinRegtest.name, observed_at_ms: NOW, level: "normal", score: 0 },
      ...{ branches: [branch([heard])], findings: [], reports: [], ...together },
    },
    ...more,
  }) as unknown as Overview;

type Site = Readonly<{ recording: object | null; wrap: (signer: Signer) => Signer }>;

/** Statements of a site that shows an overview. */
function statementsOf(
  overview: Overview,
  { recording = null, wrap = (signer) => signer }: Partial<Site> = {},
) {
  const logged: string[] = [];
  const key = tipKeyOf({ tip_statement: { key_file: KEY }, operator: "site" });
  const made = createTipStatements({
    config: { chain: litecoinRegtest, max_report_age_ms: 1_000, recording: recording as never },
    key: key && { ...key, signer: wrap(key.signer) },
    decider: { overview: async () => overview },
    ...{ clock: () => NOW, log: (text: string) => void logged.push(text) },
  });
  return { ...made, logged };
}

describe("createTipStatements", () => {
  it("signs a statement once for as long as the nodes show the same", async () => {
    const { tipStatement } = statementsOf(overviewOf());
    const [one, two] = await Promise.all([tipStatement(), tipStatement()]);
    expect(one).toBe(two);
    expect(one).toHaveProperty("signatures");
  });

  it.each<[string, Overview, object?]>([
    ["the service is blind", overviewOf({ veto: "own_node_stale" })],
    ["the clock is not trusted", overviewOf({ veto: "clock_untrusted" })],
    ["no node has shown a chain", overviewOf({ together: null })],
    ["no branch is known", overviewOf({}, { branches: [] })],
    ["what the nodes showed is old", overviewOf({}, { observed_at_ms: NOW - 1_001 })],
    ["what the nodes showed is of later", overviewOf({}, { observed_at_ms: NOW + 2_001 })],
    [
      "no fresh node is on the best chain",
      overviewOf({ inputs: { sources: [{ node_id: "a", fresh: false }] } }),
    ],
    [
      "the best chain's node is silent",
      overviewOf({}, { branches: [branch([{ ...heard, is_watched: false }])] }),
    ],
    ["a recording is played", overviewOf(), { recording: { file: "x", speed: 1 } }],
  ])("states nothing where %s", async (_, overview, more = {}) => {
    expect(await statementsOf(overview, more).tipStatement()).toMatchObject({
      no_statement: "tip_unknown",
    });
  });

  it("says that the key did not sign, and signs at the next request", async () => {
    let isFailing = true;
    const { tipStatement, logged } = statementsOf(overviewOf(), {
      wrap: (signer) => ({
        ...signer,
        sign: (bytes) =>
          isFailing ? Promise.reject(new Error("the HSM is gone")) : signer.sign(bytes),
      }),
    });
    expect(await tipStatement()).toMatchObject({ no_statement: "tip_not_signed" });
    expect(logged).toEqual([expect.stringContaining("was not signed")]);
    isFailing = false;
    expect(await tipStatement()).toHaveProperty("signatures");
  });

  it("has no key where none is configured", async () => {
    const { tipStatement, tipKey } = createTipStatements({
      config: { chain: litecoinRegtest, max_report_age_ms: 1_000, recording: null },
      ...{ key: null, decider: { overview: async () => overviewOf() }, clock: () => NOW },
      log: () => undefined,
    });
    expect([tipKey(), await tipStatement()]).toMatchObject([null, { no_statement: "no_tip_key" }]);
  });
});

describe("the key of statements", () => {
  it("starts no service where it is another operator's, or no key, and shows nothing of it", async () => {
    const other = join(folder, "other.json");
    makeKeyFiles(
      { operator: "other", key: other, public: join(folder, "other.pub.json"), days: 1 },
      "tip_statement",
      Date.now(),
    );
    const none = join(folder, "none.json");
    writeFileSync(none, '{"planted-secret":1}', { mode: 0o600 });
    for (const [key_file, text] of [
      [other, /of the operator other: make one with shield tip keygen --operator site/],
      [none, /is not a secret key of shield tip keygen/],
      [join(folder, "missing.json"), /cannot read/],
    ] as const) {
      const deployment = await deploy({ tip_statement: { key_file } });
      const starting = createService(deployment.config, { log: () => undefined });
      await expect(starting).rejects.toThrow(text);
      await expect(starting).rejects.not.toThrow(/planted/);
      deployment.remove();
    }
  });
});

/**
 * Blocks in the forms that versions of nodes give them. The answers are fixtures, written by the documentation of
 * `getblock` of Bitcoin Core 28: verbosity 3 (from 23 on) adds `prevout` to each input, in blocks of the active chain alone.
 */
import { litecoinRegtest } from "@dgb-shield/chain";
import { startServer } from "@dgb-shield/testkit/servers";
import { afterEach, describe, expect, it } from "vitest";
import { createNodeSource } from "../../../src/adapters/rpc/index.js";
import { createSentinel } from "../../../src/index.js";
import { hashOf } from "../../support/chain.js";
import { ecdsaSignature, publicKey, schnorrSignature } from "../../support/spending.js";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

const START_S = 1_800_000_000;

/** The chain of the fixtures, which has a first block of its own. */
const CHAIN = Object.fromEntries(
  Object.entries(litecoinRegtest).filter(([name]) => name !== "genesis"),
) as typeof litecoinRegtest;
const SECRET = 0x1234_5678n;
const txid = (n: number) => n.toString(16).padStart(64, "0");

const TAPROOT = schnorrSignature({ secret: SECRET, nonce: 77n }, new Uint8Array(32).fill(1));
const AGAIN = schnorrSignature({ secret: SECRET, nonce: 77n }, new Uint8Array(32).fill(2));
const TO_KEY = ecdsaSignature({ secret: SECRET, nonce: 88n }, new Uint8Array(32).fill(3));
const push = (hex: string) => (hex.length / 2).toString(16).padStart(2, "0") + hex;

type Input = { script: string; witness?: string[]; scriptSig?: string };
const taproot = (signature: string): Input => ({
  script: `5120${TAPROOT.key}`,
  witness: [signature],
});
const payToKey: Input = {
  script: `${push(publicKey(SECRET))}ac`,
  scriptSig: push(`${TO_KEY.der}01`),
};

/** A transaction that spends one output of 1 coin and pays 0.999; the fee is given from Core 22 on alone. */
const transaction = (n: number, { script, witness, scriptSig }: Input, verbosity: number) => ({
  txid: txid(n),
  vin: [
    {
      ...{ txid: txid(n + 1_000), vout: 0, scriptSig: { asm: "", hex: scriptSig ?? "" } },
      ...(witness !== undefined && { txinwitness: witness }),
      ...(verbosity >= 3 && {
        prevout: { generated: false, height: 1, value: 1, scriptPubKey: { hex: script } },
      }),
      sequence: 4_294_967_295,
    },
  ],
  vout: [{ value: 0.999, n: 0, scriptPubKey: { hex: "51" } }],
});

type Call = { id: number; method: string; params: unknown[] };

/** How a version takes verbosity 3. */
type Version = "gives it" | "takes it for 2" | "rejects it";

/** A node that mines blocks with the transactions that it is given. */
class FixtureNode {
  version: Version = "gives it";
  software = "/LitecoinCore:28.0.0/";
  readonly blocks: Input[][] = [[]];
  readonly verbosities: unknown[] = [];
  #next = 1;

  mine(...inputs: Input[]): void {
    this.blocks.push(inputs);
  }

  get height(): number {
    return this.blocks.length - 1;
  }

  answer({ method, params }: Call): unknown {
    const [hash, verbosity] = params;
    const at = this.blocks.findIndex((_, i) => hashOf(i) === hash);
    const header = {
      ...{ hash, height: at, version: 1, time: START_S + at, confirmations: this.height - at + 1 },
      previousblockhash: hashOf(Math.max(0, at - 1)),
    };
    switch (method) {
      case "getblockchaininfo":
        return {
          ...{ chain: "regtest", blocks: this.height, headers: this.height },
          ...{ bestblockhash: hashOf(this.height), initialblockdownload: false },
        };
      case "getbestblockhash":
        return hashOf(this.height);
      case "getblockhash":
        return hashOf(Number(params[0]));
      case "getblockheader":
        return header;
      case "getmempoolinfo":
        return { size: 0, bytes: 0 };
      case "getpeerinfo":
        return [];
      case "uptime":
        return 1_000;
      case "getnetworkinfo":
        return { subversion: this.software };
      case "getblock":
        return { ...header, tx: this.#transactions(at, Number(verbosity)) };
      default:
        return [{ hash: hashOf(this.height), height: this.height, branchlen: 0, status: "active" }];
    }
  }

  #transactions(at: number, verbosity: number) {
    this.verbosities.push(verbosity);
    const coinbase = {
      ...{ txid: txid(this.#next++), vin: [{ coinbase: "00", sequence: 0 }] },
      vout: [{ value: 50.001, n: 0, scriptPubKey: { hex: "51" } }],
    };
    const given = this.version === "gives it" ? verbosity : Math.min(2, verbosity);
    const own = this.blocks[at] ?? [];
    return [coinbase, ...own.map((input, i) => transaction(100 * at + i, input, given))];
  }
}

async function watched() {
  const node = new FixtureNode();
  const server = await startServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      const answers = (JSON.parse(text) as Call[]).map((call) =>
        call.method === "getblock" && call.params[1] === 3 && node.version === "rejects it"
          ? { id: call.id, result: null, error: { code: -8, message: "Verbosity out of range" } }
          : { id: call.id, result: node.answer(call), error: null },
      );
      response.end(JSON.stringify(answers));
    });
  });
  let nowMs = START_S * 1_000;
  const source = createNodeSource({
    ...{ node_id: "a", node: { url: server.url, timeout_ms: 2_000 } },
    ...{ clock: () => (nowMs += 30_000), monotonic: () => nowMs },
  });
  open.push(source, server);
  await source.poll();
  return { node, source };
}

describe("a source at a node that gives spent outputs", () => {
  it("reads Schnorr signatures, keys in scripts and fees by them", async () => {
    const { node, source } = await watched();
    node.mine(taproot(TAPROOT.hex), payToKey);
    const observation = await source.poll();
    expect(node.verbosities).toEqual([3]);
    expect(observation.signatures).toEqual([
      { r: TAPROOT.r, s: TAPROOT.s, key: TAPROOT.key, scheme: "schnorr", txid: txid(100) },
      { r: TO_KEY.r, s: TO_KEY.s, key: publicKey(SECRET), scheme: "ecdsa", txid: txid(101) },
    ]);
    expect(observation.details).toMatchObject([{ coinbase_value: 5_000_100_000, fees: 200_000 }]);
    expect(observation.unavailable).toBeUndefined();
  });

  it("finds a nonce that a taproot key used twice, and none in a copy", async () => {
    const { node, source } = await watched();
    const sentinel = createSentinel({ node_id: "a", chain: CHAIN });
    const found = async () =>
      sentinel
        .observe(await source.poll())
        .findings.filter(({ detector }) => detector === "nonce_reuse");
    node.mine(taproot(TAPROOT.hex));
    expect(await found()).toEqual([]);
    node.mine(taproot(TAPROOT.hex));
    expect(await found()).toEqual([]);
    node.mine(taproot(`${AGAIN.hex}01`));
    expect(await found()).toMatchObject([
      { severity: 0.99, evidence: { r: TAPROOT.r, key: TAPROOT.key } },
    ]);
  });
});

describe.each<[Version, number[]]>([
  ["takes it for 2", [3, 2, 2]],
  ["rejects it", [2, 2, 2]],
])("a source at an older node, which %s", (version, verbosities) => {
  it("finds the form once, and states what it lacks", async () => {
    const { node, source } = await watched();
    node.version = version;
    for (let i = 0; i < 3; i++) {
      node.mine(taproot(TAPROOT.hex));
      const observation = await source.poll();
      expect(observation.signatures).toBeUndefined();
      expect(observation.details).toBeUndefined();
      expect(observation.unavailable).toEqual([
        { what: "prevouts", reason: "unsupported", height: null },
      ]);
    }
    expect(node.verbosities).toEqual(verbosities);
  });

  it("finds it anew when the node has another version", async () => {
    const { node, source } = await watched();
    node.version = version;
    node.mine(taproot(TAPROOT.hex));
    await source.poll();
    [node.version, node.software] = ["gives it", "/LitecoinCore:29.0.0/"];
    let last = await source.poll();
    for (let i = 0; i < 5; i++) {
      node.mine(taproot(TAPROOT.hex));
      last = await source.poll();
    }
    expect(last.signatures).toHaveLength(1);
    expect(last.unavailable).toBeUndefined();
  });
});

/**
 * Kills gateway and node in the middle of payments: each payment is made exactly once, and is in the ledger. `FULL=1` runs 200 rounds,
 * `KILL_ROUNDS` another number; `KILL_MINUTES` begins no round after so many minutes.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { litecoinRegtest } from "@dgb-shield/chain";
import { addressOf } from "@dgb-shield/chain/decode";
import { hashPassword } from "@dgb-shield/rpc-gateway/server";
import { hasLitecoind, type RegtestNode, startNode } from "@dgb-shield/testkit/litecoind";
import { runs } from "@dgb-shield/testkit/runs";
import { freePort } from "@dgb-shield/testkit/servers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeSite, type Served, type Site } from "../support/faults/site.js";

const ROUNDS = Number(process.env["KILL_ROUNDS"] ?? runs(3, 200));
const LAST_ROUND_MS = Number(process.env["KILL_MINUTES"] ?? Infinity) * 60_000;
const PAYMENTS = 4;
/** Most payments that wait for an answer before the next round begins. */
const MOST_WAITING = 32;
const PASSWORD = randomBytes(24).toString("hex");
const AMOUNT = 0.01;
/** One of these ends in each round, or both. */
const VICTIMS = ["gateway", "node", "both"] as const;

/** Addresses that no wallet of the test has. */
const destinations = ["01", "02", "03", "04"].map((byte) =>
  String(addressOf(litecoinRegtest, `0014${byte.repeat(20)}`)),
);

describe.skipIf(!hasLitecoind())("gateway and node that are killed", () => {
  let node: RegtestNode;
  let site: Site;
  let served: Served;
  let gatewayUrl = "";

  beforeAll(async () => {
    node = await startNode();
    await node.rpc("createwallet", "hot", false, false, "", false, false, true);
    const own = await node.rpc("getnewaddress");
    await node.rpc("generatetoaddress", 110, own);
    // A coin for each payment: mining during the test would look like an incident.
    for (let left = ROUNDS * PAYMENTS + 40; left > 0; left -= 200) {
      const coins: Record<string, number> = {};
      for (let i = 0; i < Math.min(left, 200); i++) {
        coins[String(await node.rpc("getnewaddress"))] = AMOUNT * 3;
      }
      await node.rpc("sendmany", "", coins);
    }
    await node.rpc("generatetoaddress", 1, own);
    // Flushes the chain: a node that is killed keeps it.
    await node.rpc("gettxoutsetinfo");
    const port = await freePort();
    gatewayUrl = `http://127.0.0.1:${port}`;
    const client = { name: "backend", role: "spender", wallets: ["hot"] };
    const password_sha256 = hashPassword(PASSWORD, randomBytes(16));
    site = await makeSite({
      node,
      config: {
        guardian: {
          ...{ claim: "explicit", max_per_tx: "1000", max_24h: "100000", cooldown_seconds: 0 },
          ...{ allow_valid_seconds: 5, high_risk_freeze: false },
        },
        gateway: {
          port,
          proxy: {
            clients: [{ ...client, password_sha256 }],
            settlement: { interval_ms: 1_000, release_after_blocks: 0 },
            limits: { node_timeout_ms: 2_000 },
          },
          methods: { rates: { NONE: { spend: 1_000_000 } } },
        },
      },
    });
    served = await site.serve();
  }, 180_000);
  afterAll(async () => {
    await served.end("SIGKILL");
    site.remove();
    await node.remove();
  });

  /** Calls the gateway; null where no answer came. */
  async function pay(id: string, method: string, params: unknown) {
    const authorization = `Basic ${Buffer.from(`backend:${PASSWORD}`).toString("base64")}`;
    try {
      const answer = await fetch(gatewayUrl, {
        method: "POST",
        headers: { authorization, "shield-payment-id": id },
        body: JSON.stringify({ id: 1, method, params }),
        signal: AbortSignal.timeout(20_000),
      });
      return (await answer.json()) as {
        result: string | { txid: string } | null;
        error: { message: string } | null;
      };
    } catch {
      return null;
    }
  }

  const lastErrors = new Map<string, string>();
  /** Payments that are not acknowledged yet. */
  const waiting = new Set<string>();

  /** Pays until it is acknowledged, as a client that repeats after each failure. */
  async function payUntilAcknowledged(id: string, index: number): Promise<string> {
    const to = destinations[index % destinations.length] ?? "";
    const [method, params]: [string, unknown] =
      index % 4 === 3 ? ["send", [{ [to]: AMOUNT }]] : ["sendtoaddress", [to, AMOUNT]];
    for (;;) {
      const answer = await pay(id, method, params);
      const result = answer?.result ?? null;
      if (result !== null) return typeof result === "string" ? result : result.txid;
      lastErrors.set(id, answer?.error?.message ?? "no answer");
      await sleep(300);
    }
  }

  /** How many payments wait, by the answer that each got last. */
  function why(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const id of waiting) {
      const text = (lastErrors.get(id) ?? "no answer yet").slice(0, 60);
      counts[text] = (counts[text] ?? 0) + 1;
    }
    return counts;
  }

  async function kill(victim: (typeof VICTIMS)[number]): Promise<void> {
    if (victim !== "node") await served.end("SIGKILL");
    if (victim !== "gateway") {
      await node.end("SIGKILL");
      await node.start();
    }
    if (victim !== "node") served = await site.serve();
  }

  it(
    "makes each payment exactly once",
    async () => {
      const acknowledged = new Map<string, string>();
      const all: Promise<void>[] = [];
      let rounds = 0;
      const begun = performance.now();
      for (let round = 0; round < ROUNDS; round++) {
        if (performance.now() - begun > LAST_ROUND_MS) break;
        rounds++;
        for (let i = 0; i < PAYMENTS; i++) {
          const id = `k-${round}-${i}`;
          waiting.add(id);
          const paid = payUntilAcknowledged(id, i).then((txid) => {
            acknowledged.set(id, txid);
            waiting.delete(id);
          });
          all.push(paid);
        }
        await sleep((round * 137) % 700);
        await kill(VICTIMS[round % VICTIMS.length] ?? "both");
        for (let turns = 0; waiting.size > MOST_WAITING && turns < 20; turns++) await settleSome();
        if (round % 20 === 19) console.log(`round ${round + 1}: ${acknowledged.size} paid`, why());
      }
      const deadline = Date.now() + 240_000;
      while (waiting.size > 0 && Date.now() < deadline) await settleSome();
      expect([...waiting].map((id) => [id, lastErrors.get(id)])).toEqual([]);
      await Promise.all(all);
      const sent = (
        (await node.rpc("listtransactions", "*", 100_000)) as {
          category: string;
          txid: string;
          address: string;
        }[]
      ).filter(({ category, address }) => category === "send" && destinations.includes(address));
      for (const [id, txid] of acknowledged) {
        expect([id, sent.filter((one) => one.txid === txid).length]).toEqual([id, 1]);
      }
      // Payments that no client made would be here as well.
      expect(new Set(sent.map(({ txid }) => txid))).toEqual(new Set(acknowledged.values()));
      expect(sent).toHaveLength(rounds * PAYMENTS);
      for (const [id, txid] of acknowledged) {
        const answer = await fetch(`${site.url}/v1/payments/${id}`, {
          headers: { authorization: `Bearer ${site.keys.wallet}` },
        });
        expect([id, await answer.json()]).toMatchObject([id, { status: "committed", txid }]);
      }
      console.log(`kill -9 rounds: ${rounds}, payments ${acknowledged.size}, each made once`);
    },
    300_000 + ROUNDS * 30_000,
  );

  /** Gives payments whose outcome is unknown time, and then a node that was started after them. */
  async function settleSome(): Promise<void> {
    await sleep(14_000);
    await kill("node");
    await sleep(3_000);
  }
});

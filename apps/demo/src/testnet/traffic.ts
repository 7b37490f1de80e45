/** Pays customers at a steady rate: by turns through the gateway, and through the service's API. */
import { randomUUID } from "node:crypto";
import { createNodeRpc } from "@dgb-shield/chain/rpc";
import { remoteService } from "../gateway/remote-service.js";
import { printable } from "../timeline/format.js";
import type { TestnetEvents } from "./events.js";
import type { Network } from "./network.js";
import { type SiteAddress, WALLET_ID } from "./site.js";

/** What has become of the payments so far. */
export type TrafficCounts = Readonly<{ paid: number; refused: number }>;

/** Payments that go on until `close`. */
export type Traffic = Readonly<{
  counts(): TrafficCounts;
  close(): Promise<void>;
}>;

/** Customers, each with an address of its own at the rival's wallet. */
const CUSTOMERS = 5;
/** Satoshis of the smallest payment, and how many sizes there are. */
const [LEAST, SIZES] = [1_000_000, 90];
const COIN = 100_000_000;
/** Coins that the network fee of an API payment may be. */
const MAX_FEE = "0.01";
const TIMEOUT_MS = 20_000;
/** Payments under way at most: a slow answer brings no crowd. */
const MAX_OPEN = 4;

/** One payment. */
type Payment = Readonly<{ id: string; address: string; sats: number; account_id: string }>;
/** Its outcome; `detail` is the transaction, or why it was refused. */
type Outcome = Readonly<{ paid: boolean; detail: string }>;

/**
 * Starts paying.
 *
 * @param rate payments a second
 */
export async function startTraffic(
  {
    network,
    site,
    events,
  }: Readonly<{ network: Network; site: SiteAddress; events: TestnetEvents }>,
  rate: number,
): Promise<Traffic> {
  const addresses: string[] = [];
  for (let at = 0; at < CUSTOMERS; at++) {
    addresses.push(await network.rival.rpc<string>("getnewaddress"));
  }
  const auth = { user: site.gateway_user, password: site.gateway_password };
  const gateway = createNodeRpc({ url: site.gateway_url, auth, timeout_ms: TIMEOUT_MS });
  const service = remoteService({ url: site.service_url, token: site.keys.wallet });
  const counts = { paid: 0, refused: 0 };
  const open = new Set<Promise<void>>();
  let turn = 0;

  async function byGateway({ id, address, sats }: Payment): Promise<Outcome> {
    const answer = await gateway.call("sendtoaddress", [address, sats / COIN, id]);
    return answer.ok
      ? { paid: true, detail: String(answer.value) }
      : { paid: false, detail: answer.failure.detail };
  }

  async function byApi({ id, address, sats, account_id }: Payment): Promise<Outcome> {
    const decided = await service.decide({
      ...{ withdrawal_id: id, wallet_id: WALLET_ID, account_id, max_fee: MAX_FEE },
      amount: coins(sats + Number(MAX_FEE) * COIN),
      destinations: [{ address, amount: coins(sats) }],
      wallet_balance: String(await network.first.rpc("getbalance")),
      ...{ behaviour_score: 1, trusted_device: true },
    });
    const codes = decided.reasons.map(({ code }) => code).join(", ");
    if (decided.final !== "ALLOW") return { paid: false, detail: codes };
    const claimed = await service.claim(id, { signer_id: "testnet-signer" });
    if (claimed.decision !== "ALLOW") {
      return { paid: false, detail: claimed.reason_codes.join(", ") };
    }
    const txid = await network.first.rpc<string>("sendtoaddress", address, sats / COIN);
    await service.commit(id, { txid });
    return { paid: true, detail: txid };
  }

  async function pay(): Promise<void> {
    const at = turn++;
    const isGateway = at % 2 === 0;
    const payment = {
      id: `testnet-${randomUUID()}`,
      address: addresses[at % CUSTOMERS] ?? "",
      sats: LEAST * (1 + (at % SIZES)),
      account_id: `customer-${(at % CUSTOMERS) + 1}`,
    };
    const outcome = await (isGateway ? byGateway(payment) : byApi(payment)).catch(
      (error: unknown): Outcome => ({ paid: false, detail: String(error) }),
    );
    counts[outcome.paid ? "paid" : "refused"]++;
    const { id, account_id } = payment;
    const amount = coins(payment.sats);
    const detail = printable(outcome.detail);
    const text = `${amount} to ${account_id}: ${outcome.paid ? "paid" : "REFUSED"}, ${detail}`;
    const data = { payment_id: id, paid: outcome.paid, amount, detail };
    events.add(isGateway ? "gateway" : "payment", text, data, !outcome.paid);
  }

  const timer = setInterval(() => {
    if (open.size >= MAX_OPEN) return;
    const one: Promise<void> = pay().finally(() => open.delete(one));
    open.add(one);
  }, 1_000 / rate);
  return Object.freeze({
    counts: () => ({ ...counts }),
    async close() {
      clearInterval(timer);
      await Promise.all(open);
      await gateway.close();
      await service.close();
    },
  } satisfies Traffic);
}

/** Satoshis as coins, without trailing zeros. */
const coins = (sats: number): string => (sats / COIN).toFixed(8).replace(/\.?0+$/, "");

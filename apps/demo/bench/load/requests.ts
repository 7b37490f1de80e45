/** Requests under load, each payment under an id of its own, and how long their answers took. */
import { Pool } from "undici";
import type { Started } from "./processes.js";
import { litecoinRegtest } from "@dgb-shield/chain";
import { addressNo } from "../../test/support/addresses.js";

/** Latencies in milliseconds, and answers a second. */
export type Round = Readonly<{ ms: readonly number[]; perSecond: number }>;

/** Destinations at most. */
const ADDRESSES = 5_000;
const addresses = Array.from({ length: ADDRESSES }, (_, i) => addressNo(litecoinRegtest, i));

let next = 0;

const CONTEXT = { wallet_balance: "100000000", behaviour_score: 1, trusted_device: true };

/** A payment of one payout. */
const single = (): object => ({
  ...{ wallet_id: "hot", account_id: `account-${next % 1_000}`, amount: "1.001", max_fee: "0.001" },
  destinations: [{ address: addresses[next % ADDRESSES], amount: "1" }],
  ...CONTEXT,
});

/** A payment of 200 payouts. */
export const batch = (): object => ({
  wallet_id: "hot",
  payouts: Array.from({ length: 200 }, (_, i) => ({
    ...{ withdrawal_id: `batch-${next}-${i}`, account_id: `account-${i}`, amount: "1.001" },
    ...{ max_fee: "0.001", destinations: [{ address: addresses[i], amount: "1" }] },
  })),
  ...CONTEXT,
});

/** Callers that each wait for their answer before they ask again. */
export function createCallers({ url, token }: Started, count: number) {
  const pool = new Pool(url, { connections: count, pipelining: 1 });
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };

  /** Asks for one payment; returns the milliseconds until its answer was read. */
  async function ask(bodyOf: () => object): Promise<number> {
    next++;
    const [path, body] = [`/v1/payments/load-${next}`, JSON.stringify(bodyOf())];
    const began = performance.now();
    const answer = await pool.request({ method: "PUT", path, headers, body });
    const text = await answer.body.text();
    const ms = performance.now() - began;
    // A refusal would be cheaper than what is measured.
    if (answer.statusCode !== 200 || /"final":"REFUSED"|"recorded":false/.test(text)) {
      throw new Error(`${answer.statusCode}: ${text.slice(0, 600)}`);
    }
    return ms;
  }

  return {
    /** Runs all callers for a time. */
    async round(seconds: number, bodyOf: () => object = single): Promise<Round> {
      const began = performance.now();
      const isOver = () => performance.now() - began >= seconds * 1_000;
      const ms: number[] = [];
      const caller = async () => {
        do ms.push(await ask(bodyOf));
        while (!isOver());
      };
      await Promise.all(Array.from({ length: count }, caller));
      return { ms, perSecond: (ms.length * 1_000) / (performance.now() - began) };
    },
    close: () => pool.close(),
  };
}

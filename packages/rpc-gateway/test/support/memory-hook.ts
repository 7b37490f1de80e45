/** A hook in memory, durable across gateways of one test: a limit, identities, what was committed and released. */
import { litecoinRegtest } from "@dgb-shield/chain";
import { decodeTransaction } from "@dgb-shield/chain/decode";
import type {
  DefenseView,
  Spend,
  SpendAnswer,
  SpendHook,
  UnsettledSpend,
} from "../../src/index.js";

/** One reservation. */
export type Reservation = {
  handle: string;
  spend: Spend;
  at_ms: number;
  state: "reserved" | "unclear" | "committed" | "released";
  txid: string | null;
  fee: bigint | null;
  reason: string | null;
};

/** The hook, and what a test sees of it. */
export type MemoryHook = SpendHook & {
  reservations: Reservation[];
  /** Base units that may be reserved or committed in all. */
  limit: bigint;
  view: DefenseView;
  /** Runs before each answer; one that rejects is a hook that is down. */
  before: (call: string) => Promise<void>;
};

function txidOf(transaction: string | null): string | null {
  const decoded = transaction === null ? null : decodeTransaction(litecoinRegtest, transaction);
  return decoded?.ok === true ? decoded.value.txid : null;
}

const sumOf = ({ payouts, internal }: Spend): bigint =>
  [...payouts, ...internal].reduce((sum, { amount }) => sum + amount, 0n);

const contentOf = ({ payouts, internal, wallet }: Spend): string =>
  JSON.stringify([
    wallet,
    [...payouts, ...internal].map(({ script, amount }) => [script, String(amount)]),
  ]);

export function createMemoryHook(): MemoryHook {
  const reservations: Reservation[] = [];
  const of = (handle: string): Reservation => {
    const found = reservations.find((one) => one.handle === handle);
    if (found === undefined) throw new Error(`no reservation ${handle}`);
    return found;
  };
  const hook: MemoryHook = {
    reservations,
    limit: 1_000_000_000_000n,
    view: { lockdown: "NONE", causes: [] },
    before: () => Promise.resolve(),
    async authorizeSpend(spend): Promise<SpendAnswer> {
      await hook.before("authorizeSpend");
      const same = reservations.filter(
        (one) => one.spend.payment_id === spend.payment_id && one.state !== "released",
      );
      if (same.some((one) => contentOf(one.spend) !== contentOf(spend))) {
        return {
          allow: false,
          code: "payment_differs",
          text: "the same identity, another payment",
        };
      }
      const [first] = same;
      if (first?.state === "committed") {
        return { allow: false, code: "paid", text: "paid", committed_txid: first.txid ?? "" };
      }
      if (first !== undefined) {
        return { allow: false, code: "unsettled", text: "unsettled", unsettled: true };
      }
      const held = reservations
        .filter(({ state }) => state !== "released")
        .reduce((sum, one) => sum + sumOf(one.spend), 0n);
      if (held + sumOf(spend) > hook.limit) {
        return { allow: false, code: "limit", text: "above the limit", retry_after_ms: 1_000 };
      }
      const handle = `h${reservations.length}`;
      const payment_id = spend.payment_id ?? `made-${reservations.length}`;
      reservations.push({
        ...{ handle, spend: { ...spend, payment_id }, at_ms: Date.now(), state: "reserved" },
        ...{ txid: txidOf(spend.transaction), fee: null, reason: null },
      });
      return { allow: true, handle, payment_id };
    },
    async commit(handle, { txid, fee }) {
      await hook.before("commit");
      Object.assign(of(handle), { state: "committed", txid, fee });
    },
    async release(handle, { reason }) {
      await hook.before("release");
      const one = of(handle);
      if (one.state === "committed") throw new Error("a committed payment cannot be released");
      Object.assign(one, { state: "released", reason });
    },
    async unclear(handle) {
      await hook.before("unclear");
      of(handle).state = "unclear";
    },
    async unsettled() {
      await hook.before("unsettled");
      return reservations
        .filter(({ state }) => state === "reserved" || state === "unclear")
        .map(({ handle, spend, at_ms, txid }): UnsettledSpend => ({
          ...{ handle, txid, authorized_at_ms: at_ms, wallet: spend.wallet },
          payment_id: spend.payment_id ?? "",
          in_parts: spend.method === "submitpackage",
          is_brought: spend.method === "sendrawtransaction",
          payouts: [...spend.payouts, ...spend.internal].map(({ address, amount }) => ({
            ...{ address, amount },
          })),
        }));
    },
    async committed(spend, txids) {
      await hook.before("committed");
      const others = reservations.filter(
        ({ state, handle }) => state === "committed" && handle !== spend.handle,
      );
      return txids.filter((txid) => others.some((one) => one.txid === txid));
    },
    defense: () => hook.view,
  };
  return hook;
}

/** Finds out what became of payments whose outcome is unknown, by asking the node (design, section 6). */
import { type NodeRpc, RPC_IN_WARMUP } from "@dgb-shield/chain/rpc";
import type { UnsettledSpend } from "../../hook.js";
import { type Attempts, isLater, type Moment, NEVER, type Unrecorded } from "./attempts.js";
import { knowsTransaction } from "./known-transaction.js";
import { momentOf, type Site } from "./site.js";
import {
  CLOCK_SLACK_MS,
  findPayment,
  readFee,
  readPayments,
  type WalletEntries,
  type WalletEntry,
} from "./wallet-search.js";

/** Settles payments. */
export type Settlement = Readonly<{
  /** Settles one payment that is asked for again; whether it is committed or released now. */
  settle(paymentId: string): Promise<boolean>;
  /** Settles what can be settled; never rejects. */
  settleAll(): Promise<void>;
}>;

/** Transactions that are looked at first. */
const RECENT = 1_000;

/** How long after its authorization another process may still send a payment, beside the node's time-out. */
const OTHERS_SLACK_MS = 5_000;

type NodeIsUp = Readonly<{ up: true; started: Moment; height: number }>;
type NodeState = NodeIsUp | Readonly<{ up: false; starting: boolean }>;
const UNKNOWN: NodeState = { up: false, starting: false };
const STARTING: NodeState = { up: false, starting: true };

/** Makes the settlement. */
export function createSettlement(site: Site, attempts: Attempts): Settlement {
  /** Height of the node when it was first asked for a payment after a restart. */
  const heights = new Map<string, number>();
  /** When the node was seen to be starting. */
  let lastStart = NEVER;
  let running: Promise<void> | undefined;

  async function settleOne(spend: UnsettledSpend): Promise<boolean> {
    const rpc = site.questions.of(spend.wallet);
    const outcome = attempts.outcomeOf(spend.handle);
    if (outcome !== undefined && (await recorded(spend, outcome))) return true;
    const state = await stateOf(rpc);
    if (!state.up) {
      if (state.starting) lastStart = momentOf(site.ports);
      return false;
    }
    if (spend.txid !== null) {
      const isKnown = await knows(spend, spend.txid);
      if (isKnown === true) return commit(spend, rpc, spend.txid);
      if (isKnown === undefined) return false;
    }
    const recent = await readPayments(rpc, RECENT);
    if (recent === undefined) return false;
    const found = findIn(recent, spend);
    if (found !== undefined) return commit(spend, rpc, found);
    // A node that was killed has forgotten its mempool, and other nodes may have the client's transaction still.
    if (spend.in_parts === true || spend.is_brought === true) return false;
    if (!isOver(spend, state)) return false;
    const all = await readPayments(rpc, site.config.settlement.max_transactions);
    if (all?.complete !== true) return false;
    const late = findIn(all, spend);
    if (late !== undefined) return commit(spend, rpc, late);
    return (await isPaidOtherwise(all, spend)) ? false : release(spend);
  }

  /**
   * Whether the wallet made a payment that has no comment, is not known to be another one, and could be this one: a node that
   * lost power may have broadcast what its wallet forgot, and finds it again without a comment.
   */
  async function isPaidOtherwise(all: WalletEntries, spend: UnsettledSpend): Promise<boolean> {
    const similar = similarTo(all, spend, site.spending.scriptOf);
    if (similar.length === 0) return false;
    const others = new Set(await site.ports.hook.committed?.(spend, similar));
    return similar.some((txid) => !others.has(txid));
  }

  const knows = ({ wallet }: UnsettledSpend, txid: string): Promise<boolean | undefined> =>
    knowsTransaction(site, { wallet, txid });

  /** Records an outcome that the hook failed to record; whether it is still certain. */
  async function recorded(spend: UnsettledSpend, outcome: Unrecorded): Promise<boolean> {
    if ("txid" in outcome) {
      await site.ports.hook.commit(spend.handle, outcome);
      return settled(spend, outcome.txid);
    }
    // A transaction that has an id before it is sent can have been sent again by another process.
    if (spend.txid !== null && (await knows(spend, spend.txid)) !== false) return false;
    await site.ports.hook.release(spend.handle, outcome);
    return settled(spend, null);
  }

  async function commit(spend: UnsettledSpend, rpc: NodeRpc, txid: string): Promise<boolean> {
    await site.ports.hook.commit(spend.handle, { txid, fee: await readFee(rpc, txid) });
    return settled(spend, txid);
  }

  async function release(spend: UnsettledSpend): Promise<boolean> {
    const reason =
      "the node was restarted after the call, and its wallet does not have the payment";
    await site.ports.hook.release(spend.handle, { reason });
    return settled(spend, null);
  }

  function settled({ handle, payment_id }: UnsettledSpend, txid: string | null): true {
    attempts.forget(handle);
    heights.delete(handle);
    site.log({ event: "settled", payment_id, txid });
    return true;
  }

  async function stateOf(rpc: NodeRpc): Promise<NodeState> {
    const asked = momentOf(site.ports);
    const [uptime, height] = await rpc.batch([{ method: "uptime" }, { method: "getblockcount" }]);
    if (uptime?.ok === true && height?.ok === true) {
      if (typeof uptime.value !== "number" || typeof height.value !== "number") return UNKNOWN;
      // Both of its times are whole seconds.
      const upMs = (uptime.value + 1) * 1_000;
      const started = { wallMs: asked.wallMs - upMs, monotonicMs: asked.monotonicMs - upMs };
      return { up: true, started, height: height.value };
    }
    if (uptime?.ok === false && uptime.failure.code === RPC_IN_WARMUP) return STARTING;
    await site.link.probe();
    return UNKNOWN;
  }

  /** Whether the call cannot be executed any more: the node's process that may have had it has ended. */
  function isOver(spend: UnsettledSpend, { started, height }: NodeIsUp): boolean {
    const { handle } = spend;
    if (!isOtherProcess(spend, started)) return false;
    const first = heights.get(handle) ?? height;
    heights.set(handle, first);
    return height >= first + site.config.settlement.release_after_blocks;
  }

  /** By its cookie; else because the node was down after the attempt, or has started after it. */
  function isOtherProcess({ handle, authorized_at_ms }: UnsettledSpend, started: Moment): boolean {
    const end = attempts.endOf(handle);
    const current = end?.instance === undefined ? undefined : site.link.currentInstance();
    if (current !== undefined && end !== undefined) {
      if (current !== end.instance) return true;
      if (end.isOneInstance) return false;
    }
    // Of another process it is not known when it gave up: it does not wait for longer than the time-out.
    const lastMs = authorized_at_ms + site.config.limits.node_timeout_ms + OTHERS_SLACK_MS;
    const ended = end?.at ?? { ...NEVER, wallMs: lastMs };
    return [lastStart, site.link.lastDown(), started].some((moment) => isLater(moment, ended));
  }

  async function each(spends: readonly UnsettledSpend[]): Promise<boolean> {
    let all = true;
    for (const spend of spends) {
      try {
        if (!(await settleOne(spend))) all = false;
      } catch {
        site.log({ event: "hook_failed", payment_id: spend.payment_id });
        all = false;
      }
    }
    return all;
  }

  async function unsettled(): Promise<readonly UnsettledSpend[]> {
    try {
      return await site.ports.hook.unsettled();
    } catch {
      site.log({ event: "hook_failed" });
      return [];
    }
  }

  async function run(): Promise<void> {
    for (const spend of await unsettled()) {
      // Excludes a retry: what the node answers would be outdated by it.
      if (!attempts.begin(spend.payment_id)) continue;
      await each([spend]).finally(() => attempts.end(spend.payment_id));
    }
  }

  return {
    async settle(paymentId) {
      const mine = (await unsettled()).filter(({ payment_id }) => payment_id === paymentId);
      return mine.length > 0 && each(mine);
    },
    settleAll() {
      running ??= run().finally(() => (running = undefined));
      return running;
    },
  };
}

/** From when on, by the wallet's clock, a transaction can be the payment. */
const fromMsOf = ({
  authorized_at_ms,
  earliest_at_ms = authorized_at_ms,
}: UnsettledSpend): number => earliest_at_ms - CLOCK_SLACK_MS;

const findIn = (entries: WalletEntries, spend: UnsettledSpend): string | undefined =>
  findPayment(entries, spend.payment_id, fromMsOf(spend));

type ScriptOf = (address: string) => string | null;

/** The transactions of a wallet that have no comment and could be a payment, each once. */
function similarTo(
  { entries }: WalletEntries,
  spend: UnsettledSpend,
  scriptOf: ScriptOf,
): readonly string[] {
  const { payouts = [] } = spend;
  const fromMs = fromMsOf(spend);
  const similar = entries.filter(
    (entry) =>
      (entry.comment === undefined || entry.comment === "") &&
      entry.time * 1_000 >= fromMs &&
      (payouts.length === 0 || payouts.some((payout) => couldBe(entry, payout, scriptOf))),
  );
  return [...new Set(similar.map(({ txid }) => txid))];
}

function couldBe(
  entry: WalletEntry,
  payout: NonNullable<UnsettledSpend["payouts"]>[number],
  scriptOf: ScriptOf,
): boolean {
  // A payee that bears the fee gets less than was asked for, and never more.
  if (entry.amount !== undefined && entry.amount > payout.amount) return false;
  // One destination has several spellings. Where one side has no address, the amount alone counts.
  const paid = typeof entry.address === "string" ? scriptOf(entry.address) : null;
  const asked = payout.address === null ? null : scriptOf(payout.address);
  return paid === null || asked === null || paid === asked;
}

/** The port of the spend hook: what decides on a payment and holds its reservation (design, section 6). */
import type { Lockdown } from "@dgb-shield/contract";
import type { Spend } from "./spend/model.js";

/** What the hook answers to a payment. */
export type SpendAnswer =
  /** May be executed once; counted until it is committed or released. */
  | Readonly<{
      allow: true;
      /** Names the reservation in `commit`, `release` and `unclear`. */
      handle: string;
      /** Identity of the payment: the client's own, or a new one. */
      payment_id: string;
    }>
  | Readonly<{
      allow: false;
      code: string;
      text: string;
      /** When another try could help, in milliseconds. */
      retry_after_ms?: number;
      /** The same payment was committed with this transaction: the call is answered with it. */
      committed_txid?: string;
      /** The same payment is under way or unclear: the gateway reconciles it, and asks again. */
      unsettled?: true;
    }>;

/** A payment that was allowed and is neither committed nor released. */
export type UnsettledSpend = Readonly<{
  handle: string;
  payment_id: string;
  /** Name of the wallet that pays. */
  wallet: string | null;
  /** Until when it can have been permitted: wall clock, milliseconds since 1970. */
  authorized_at_ms: number;
  /** From when on it can have been sent; absent: `authorized_at_ms`. */
  earliest_at_ms?: number;
  /** Id of its transaction, where the payment came with one. */
  txid: string | null;
  /** Of a package, whose parents a node may have taken alone: it is committed by its child, and not released by the gateway. */
  in_parts?: boolean;
  /** Broadcast for a client that had it signed elsewhere: no wallet of the node need keep it, so that the gateway does not release it. */
  is_brought?: boolean;
  /** What it pays; without any, every payment that has no comment could be this one. Amounts in base units, null where a script has no address. */
  payouts?: readonly Readonly<{ address: string | null; amount: bigint }>[];
}>;

/** What was executed. */
export type Execution = Readonly<{
  txid: string;
  /** Base units; null where the node did not tell. */
  fee: bigint | null;
}>;

/** Proof that a payment was not executed. */
export type NotExecuted = Readonly<{ reason: string }>;

/** State of the defense, for the policy. */
export type DefenseView = Readonly<{
  lockdown: Lockdown;
  /** Types of the events that hold it. */
  causes: readonly string[];
}>;

/**
 * Decides on payments. Durable: what resolved is kept. A call that rejects refuses the payment, or leaves it
 * unsettled.
 */
export interface SpendHook {
  /**
   * Decides, and reserves. The same `payment_id` with another content is refused; with `transaction`, its id has to be in
   * `unsettled` later.
   */
  authorizeSpend(spend: Spend): Promise<SpendAnswer>;
  /** Records that it was executed; repeated calls are answered alike. */
  commit(handle: string, execution: Execution): Promise<void>;
  /** Returns the reservation of a payment that was certainly not executed. */
  release(handle: string, proof: NotExecuted): Promise<void>;
  /** Records that the outcome is unknown: it counts as executed until it is settled. */
  unclear(handle: string): Promise<void>;
  /** Payments that are neither committed nor released, of every process. */
  unsettled(): Promise<readonly UnsettledSpend[]>;
  /**
   * Of some transactions, gives those with which a payment is known to be committed: what the wallet shows of them is no
   * trace of `spend`. What is not named counts as unknown, and so does everything where this is absent.
   */
  committed?(spend: UnsettledSpend, txids: readonly string[]): Promise<readonly string[]>;
  /** From memory; one that throws counts as FULL. */
  defense(): DefenseView;
}

/** What the decoders of transactions need of the site, and what they give. */
import type { ChainParameters } from "@dgb-shield/chain";
import type { NodeRpc } from "@dgb-shield/chain/rpc";
import type { Outpoint, Payout } from "../model.js";

/** Facts of the site that the decoders read. */
export type TransactionContext = Readonly<{
  chain: ChainParameters;
  /** A client of the node at the wallet's path; of the node itself where no wallet pays. */
  node: Pick<NodeRpc, "batch">;
  /** Whether the client has a wallet at the node, whose outputs are its own. */
  hasWallet: boolean;
  /** Whether a script is the site's own by configuration; its outputs leave nothing. */
  isOwn(script: string): boolean;
  /** Whether a script is a configured destination of a class, which stays a payout whatever the wallet knows of it. */
  isInternal(script: string): boolean;
  /** Highest fee of one transaction, in base units. */
  maxFee: bigint;
  /** Highest fee rate, in base units for a virtual byte. */
  maxFeeRate: number;
}>;

/** What a transaction pays. */
export type TransactionSpend = Readonly<{
  /** Outputs that are not proven the wallet's own; destinations of a class are among them. */
  outputs: readonly Payout[];
  /** Base units that the network takes; of a new version, what it takes more than the earlier one. */
  fee: bigint;
  inputs: readonly Outpoint[];
  /** Ids of unconfirmed transactions that this one replaces. */
  replaces: readonly string[];
  /** Its id; of one that is not signed yet it may change. */
  txid: string;
  /** Raw, hexadecimal; null for a PSBT. */
  transaction: string | null;
  /**
   * What it spends and pays, whatever its signatures: equal for a PSBT, the transaction that is signed from it, and
   * that which is broadcast.
   */
  content: string;
}>;

/** What a package of transactions pays; `txid`, `transaction` and `content` are of its child. */
export type PackageSpend = TransactionSpend &
  Readonly<{
    /** Ids of all its transactions, the child's last. */
    txids: readonly string[];
  }>;

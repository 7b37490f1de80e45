/** Builds the table of methods: which nodes have one, and of which kind it is. */
import type { RpcMethod, RpcMethodKind } from "@dgb-shield/contract";

/**
 * Lines of node software whose methods are known: Bitcoin Core 22 to 29, DigiByte Core 7.17.3, 8.21.1 and 9.26, DigiByte Core 9.26
 * built from its Paymaster branch, Litecoin Core 0.21.5.
 */
export const NODE_LINES = Object.freeze([
  "bitcoin_core",
  "digibyte_7_17",
  "digibyte_8_21",
  "digibyte_9_26",
  "digibyte_paymaster",
  "litecoin_0_21",
] as const);
/** One of `NODE_LINES`. */
export type NodeLine = (typeof NODE_LINES)[number];

/** Every line but the branch. */
export const EVERY_NODE: readonly NodeLine[] = [
  "bitcoin_core",
  "digibyte_7_17",
  "digibyte_8_21",
  "digibyte_9_26",
  "litecoin_0_21",
];
/** Lines on Bitcoin Core 0.21 or later. */
export const SINCE_0_21: readonly NodeLine[] = [
  "bitcoin_core",
  "digibyte_8_21",
  "digibyte_9_26",
  "litecoin_0_21",
];
/** Lines on Bitcoin Core 23 or later. */
export const NEWER: readonly NodeLine[] = ["bitcoin_core", "digibyte_9_26"];
export const BITCOIN: readonly NodeLine[] = ["bitcoin_core"];
export const DIGIBYTE_7: readonly NodeLine[] = ["digibyte_7_17"];
export const DIGIBYTE_9: readonly NodeLine[] = ["digibyte_9_26"];
export const PAYMASTER: readonly NodeLine[] = ["digibyte_paymaster"];

type Row = Omit<RpcMethod, "kind" | "nodes"> & Readonly<{ nodes: readonly NodeLine[] }>;

/** Adds the kind to each row. */
export const ofKind = (kind: RpcMethodKind, rows: readonly Row[]): RpcMethod[] =>
  rows.map((row) => ({ ...row, kind, nodes: [...row.nodes] }));

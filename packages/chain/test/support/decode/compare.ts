/** What the decoders and a node must agree on, in one form. */
import type { DecodedPsbt, DecodedTransaction } from "../../../src/adapters/decode/index.js";

/** A script as a node describes it. */
type NodeScript = Readonly<{ type: string; hex: string; addresses?: readonly string[] }>;

/** A transaction as a node describes it; amounts are base units, as text. */
export type NodeTransaction = Readonly<{
  txid: string;
  hash: string;
  version: number;
  locktime: number;
  size: number;
  vsize: number;
  vin: readonly Readonly<{ coinbase?: string; txid: string; vout: number; sequence: number }>[];
  vout: readonly Readonly<{ value: string; scriptPubKey: NodeScript }>[];
}>;

/** A PSBT as a node describes it. */
export type NodePsbt = Readonly<{
  tx: NodeTransaction;
  inputs: readonly Readonly<{
    non_witness_utxo?: Pick<NodeTransaction, "vout">;
    witness_utxo?: Readonly<{ amount: string; scriptPubKey: NodeScript }>;
  }>[];
  fee?: string;
}>;

/** A decoded transaction, as far as a node shows it. */
export function ofOwn(transaction: DecodedTransaction) {
  const { txid, wtxid, version, locktime, size, vsize, inputs, outputs } = transaction;
  return {
    ...{ txid, wtxid, version, locktime, size, vsize },
    inputs: transaction.is_coinbase ? "coinbase" : inputs,
    outputs,
  };
}

/** The same, of a node. */
export const ofNode = ({
  txid,
  hash,
  version,
  locktime,
  size,
  vsize,
  vin,
  vout,
}: NodeTransaction) => ({
  ...{ txid, wtxid: hash, version, locktime, size, vsize },
  inputs:
    vin[0]?.coinbase === undefined
      ? vin.map(({ txid, vout, sequence }) => ({ txid, vout, sequence }))
      : "coinbase",
  outputs: vout.map(({ value, scriptPubKey }) => {
    const kind = kindOfNode(scriptPubKey);
    const address = WITHOUT_ADDRESS.has(kind) ? null : scriptPubKey.addresses?.[0];
    return { amount: BigInt(value), script: scriptPubKey.hex, address, kind };
  }),
});

/** What each proven input spends, and the fee; null where either side does not have it. */
export function spendsOfBoth({ inputs, fee }: DecodedPsbt, node: NodePsbt) {
  const own = inputs.map(({ spends }) => spends && [spends.amount, spends.script]);
  const nodes = inputs.map(({ proof, vout }, i) => {
    const { non_witness_utxo, witness_utxo } = node.inputs[i] ?? {};
    const previous = non_witness_utxo?.vout[vout];
    const [amount, script] =
      proof === "non_witness_utxo"
        ? [previous?.value, previous?.scriptPubKey.hex]
        : [witness_utxo?.amount, witness_utxo?.scriptPubKey.hex];
    return proof && [BigInt(amount ?? -1), script];
  });
  // A node gives no fee where an amount is above what can exist.
  const hasFee = fee !== null && node.fee !== undefined;
  return {
    own: { spends: own, fee: hasFee ? fee : null },
    node: { spends: nodes, fee: hasFee ? BigInt(node.fee) : null },
  };
}

const WITHOUT_ADDRESS: ReadonlySet<string> = new Set([
  "p2pk",
  "op_return",
  "witness_unknown",
  "unknown",
]);

const KINDS: Readonly<Record<string, string>> = {
  pubkey: "p2pk",
  pubkeyhash: "p2pkh",
  scripthash: "p2sh",
  witness_v0_keyhash: "p2wpkh",
  witness_v0_scripthash: "p2wsh",
  witness_v1_taproot: "p2tr",
  witness_unknown: "witness_unknown",
  witness_mweb_hogaddr: "witness_unknown",
  witness_mweb_pegin: "witness_unknown",
};

/** A node calls data that is no list of pushes, and version 0 of another length, non-standard. */
function kindOfNode({ type, hex }: NodeScript): string {
  if (hex.startsWith("6a")) return "op_return";
  const length = /^00(?:0[2-9a-f]|1[0-9a-f]|2[0-8])/.test(hex) ? parseInt(hex.slice(2, 4), 16) : 0;
  if (type === "nonstandard" && length > 0 && hex.length === 2 * (length + 2)) {
    return "witness_unknown";
  }
  return KINDS[type] ?? "unknown";
}

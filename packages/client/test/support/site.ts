/** A deployment with a service key, three approvers and a signer, whose tokens and PSBTs are made here, apart from the sources. */
import { createPrivateKey, sign } from "node:crypto";
import { canonicalize } from "@dgb-shield/contract";
import { ed25519KeyOf } from "@dgb-shield/contract/ed25519";
import { hex } from "@scure/base";
import { Transaction } from "@scure/btc-signer";
import { type ApproverSigner, signApproval } from "../../src/adapters/approve/index.js";
import type { PaymentTerms, PaymentToken, PinsInput } from "../../src/index.js";

/** BIP 32, test vector 1, m/0'. */
export const XPUB =
  "xpub68Gmy5EdvgibQVfPdqkBBCHxA5htiqg55crXYuXoQRKfDBFA1WEjWgP6LHhwBZeNK1VTsfTFUHCdrfp1bgwQ9xv5ski8PX9rL2dZXvgGDnw";
export const DESCRIPTORS = [
  { desc: `wpkh(${XPUB}/0/*)`, range: [0, 3] },
  { desc: `wpkh(${XPUB}/1/*)`, range: [0, 3] },
];
/** Scripts of the two descriptors at index 0, as Bitcoin Core derives them. */
export const NOW = 1_780_000_000_000;
const GENESIS = "530827f38f93b43ed12af0b3ad25a288dc02ed74d6d7857862df51fc56c416f9";

const seed = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
export const publicKeyOf = (byte: number): string => b64(ed25519KeyOf(seed(byte)).publicKey);
export const signerOf = (byte: number, key_id: string): ApproverSigner => ({
  key_id,
  key: ed25519KeyOf(seed(byte)),
});

export const SERVICE = 1;
export const APPROVERS = { ada: 11, ben: 12, cyd: 13 } as const;

export const pins = (change: object = {}): PinsInput => ({
  pins_version: 1,
  deployment_id: "main",
  chain: "litecoin_regtest",
  genesis: GENESIS,
  wallet_id: "hot",
  signer_id: "signer-1",
  service_keys: [{ key_id: "service-1", public_key: publicKeyOf(SERVICE) }],
  approver_keys: Object.entries(APPROVERS).map(([approver, byte]) => ({
    approver,
    key_id: `${approver}-1`,
    public_key: publicKeyOf(byte),
  })),
  thresholds: {
    classes: { internal: ["0014" + "cc".repeat(20)] },
    approvers: {
      external: [
        { from: "0", approvers: 1 },
        { from: "10", approvers: 2 },
      ],
      internal: [{ from: "0", approvers: 1 }],
    },
  },
  ...change,
});

export const TERMS: PaymentTerms = {
  deployment_id: "main",
  genesis: GENESIS,
  wallet_id: "hot",
  payment_id: "w-1",
  payouts: [
    { script: "0014" + "aa".repeat(20), amount: "1.5" },
    { script: "76a914" + "bb".repeat(20) + "88ac", amount: "2" },
  ],
  max_fee: "0.001",
  policy_version: "ee".repeat(32),
};

export type TokenChange = Readonly<{
  claims?: Partial<Record<keyof PaymentToken | "extra", unknown>>;
  header?: object;
  by?: number;
  approvedBy?: readonly (keyof typeof APPROVERS)[];
  approved?: PaymentTerms;
  approvalEnds?: number;
}>;

/** The claims of a token, with what its approvers signed. */
export function claims({
  claims: given = {},
  approvedBy = ["ada"],
  approved,
  approvalEnds = NOW + 3_600_000,
}: TokenChange = {}): Record<string, unknown> {
  const terms = approved ?? TERMS;
  const approvals = approvedBy.map((name) => {
    const document = { ...terms, expires_at_ms: approvalEnds };
    const { key_id, signature } = signApproval(document, signerOf(APPROVERS[name], `${name}-1`));
    return { key_id, expires_at_ms: approvalEnds, signature };
  });
  return {
    ...TERMS,
    token_version: 1,
    token_id: "0123456789abcdef0123456789abcdef",
    issued_at_ms: NOW - 1_000,
    expires_at_ms: NOW + 59_000,
    signer_id: "signer-1",
    record_hash: "dd".repeat(32),
    transaction: null,
    approvals,
    ...given,
  };
}

/** Signs bytes as the service does, by node:crypto's own key form. */
export function jws(header: string, payload: string, by = SERVICE): string {
  const der = Buffer.concat([
    Buffer.from("302e020100300506032b657004220420", "hex"),
    Buffer.from(seed(by)),
  ]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const signed = `${b64(Buffer.from(header))}.${b64(Buffer.from(payload))}`;
  return `${signed}.${b64(sign(null, Buffer.from(signed), key))}`;
}

export const HEADER = {
  alg: "EdDSA",
  kid: "service-1",
  typ: "vnd.dgb-shield.payment-token.v1+json",
};

export const token = (change: TokenChange = {}): string =>
  jws(
    JSON.stringify({ ...HEADER, ...change.header }),
    canonicalize(claims(change)),
    change.by ?? SERVICE,
  );

export type Output = Readonly<{ script: string; amount: bigint }>;

/** A transaction that has an output of each amount to a script: what an input spends. */
export function previousOf(outputs: readonly Output[], locktime = 0): Transaction {
  const tx = new Transaction({ allowUnknownOutputs: true, version: 2, lockTime: locktime });
  tx.addInput({ txid: "11".repeat(32), index: 0, finalScriptSig: new Uint8Array() });
  for (const { script, amount } of outputs) tx.addOutput({ script: hex.decode(script), amount });
  return tx;
}

export type Spending = Readonly<{
  previous: Transaction;
  index: number;
  proof: "whole" | "output" | "none";
  sighash?: number;
}>;

/** A PSBT that spends and pays. */
export function psbtOf(
  inputs: readonly Spending[],
  outputs: readonly Output[],
  { version = 2, psbtVersion = 0 }: Readonly<{ version?: number; psbtVersion?: 0 | 2 }> = {},
): Uint8Array {
  const tx = new Transaction({ allowUnknownOutputs: true, allowUnknownInputs: true, version });
  for (const { previous, index, proof, sighash } of inputs) {
    const { amount, script } = previous.getOutput(index);
    tx.addInput({
      txid: previous.id,
      index,
      ...(proof === "whole" ? { nonWitnessUtxo: previous.toBytes(true, true) } : {}),
      ...(proof === "output" ? { witnessUtxo: { amount: amount!, script: script! } } : {}),
      ...(sighash === undefined ? {} : { sighashType: sighash }),
    });
  }
  for (const { script, amount } of outputs) tx.addOutput({ script: hex.decode(script), amount });
  return tx.toPSBT(psbtVersion);
}

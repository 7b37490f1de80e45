/** A payment of 1.5 and 2 coins from two coins of one wallet, its PSBT, and what a signer pins. */
import type { ApproverKey, PaymentTerms, PinsInput } from "@dgb-shield/client";

const GENESIS = "530827f38f93b43ed12af0b3ad25a288dc02ed74d6d7857862df51fc56c416f9";

const XPUB =
  "xpub68Gmy5EdvgibQVfPdqkBBCHxA5htiqg55crXYuXoQRKfDBFA1WEjWgP6LHhwBZeNK1VTsfTFUHCdrfp1bgwQ9xv5ski8PX9rL2dZXvgGDnw";

/** Scripts of the wallet: of its coins, and of its change. */
export const DESCRIPTORS = [
  { desc: `wpkh(${XPUB}/0/*)`, range: [0, 3] },
  { desc: `wpkh(${XPUB}/1/*)`, range: [0, 3] },
];

/** 4 coins in; 1.5 and 2 paid, 0.4995 change, 0.0005 fee. Made by @scure/btc-signer. */
export const PSBT =
  "cHNidP8BALwCAAAAAutZ0XUzNYVp2jEN7E7sZ4iBaNEkPwsD7U0cYX6iiSLwAAAAAAD/////61nRdTM1hWnaMQ3sTuxniIFo0SQ/CwPtTRxhfqKJIvABAAAAAP////8DgNHwCAAAAAAWABSqqqqqqqqqqqqqqqqqqqqqqqqqqjAt+gIAAAAAFgAUu2U/FQ9NCA8v6oTEWPl41KC/UiwAwusLAAAAABl2qRS7u7u7u7u7u7u7u7u7u7u7u7u7u4isAAAAAAABAJACAAAAARERERERERERERERERERERERERERERERERERERERERERAAAAAAD/////AwCj4REAAAAAFgAUd9iWsPhfcq4PPQSHxDKyPCi3FJMA4fUFAAAAABYAFG3HOvHJb/aOnb3s10U7rVm/DIOkAGXNHQAAAAAWABSZmZmZmZmZmZmZmZmZmZmZmZmZmQAAAAAAAQCQAgAAAAEREREREREREREREREREREREREREREREREREREREREREQAAAAAA/////wMAo+ERAAAAABYAFHfYlrD4X3KuDz0Eh8QysjwotxSTAOH1BQAAAAAWABRtxzrxyW/2jp297NdFO61ZvwyDpABlzR0AAAAAFgAUmZmZmZmZmZmZmZmZmZmZmZmZmZkAAAAAAAAAAA==";

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

/** What a signer trusts. */
export const pinsOf = (
  service: PinsInput["service_keys"][number],
  approvers: readonly ApproverKey[],
): PinsInput => ({
  pins_version: 1,
  deployment_id: "main",
  chain: "litecoin_regtest",
  genesis: GENESIS,
  wallet_id: "hot",
  signer_id: "signer-1",
  service_keys: [service],
  approver_keys: [...approvers],
  thresholds: { approvers: { external: [{ from: "0", approvers: 1 }] } },
});

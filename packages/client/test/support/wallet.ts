/** A wallet's scripts and one approved payment of it. */
import { deriveOwnScripts } from "@dgb-shield/chain/descriptors";
import { createVerifier, type Verifier } from "../../src/adapters/verify/index.js";
import type { PinsInput } from "../../src/index.js";
import {
  DESCRIPTORS,
  type Output,
  pins,
  previousOf,
  psbtOf,
  type Spending,
  TERMS,
  XPUB,
} from "./site.js";

/** The script of one of the wallet's keys; the derivation itself is compared with nodes elsewhere. */
export function ownScript(chain: 0 | 1, index: number): string {
  const derived = deriveOwnScripts([`wpkh(${XPUB}/${chain}/${index})`]);
  if (!derived.ok) throw new Error(derived.detail);
  return [...derived.value][0]!;
}

export const FOREIGN = "0014" + "99".repeat(20);

/** Coins of the wallet: 3 and 1 of one transaction, 9 of another, and a foreign one. */
export const FUNDING = previousOf([
  { script: ownScript(0, 0), amount: 300_000_000n },
  { script: ownScript(0, 1), amount: 100_000_000n },
  { script: FOREIGN, amount: 500_000_000n },
]);
export const FUNDING_2 = previousOf([{ script: ownScript(1, 3), amount: 900_000_000n }], 7);

export const INPUTS: readonly Spending[] = [
  { previous: FUNDING, index: 0, proof: "whole" },
  { previous: FUNDING, index: 1, proof: "whole" },
];

/** 4 coins in; 1.5 and 2 paid, 0.4995 change, 0.0005 fee. */
export const CHANGE: Output = { script: ownScript(1, 0), amount: 49_950_000n };
export const PAID: readonly Output[] = TERMS.payouts.map(({ script, amount }) => ({
  script,
  amount: BigInt(Math.round(Number(amount) * 1e8)),
}));
export const OUTPUTS: readonly Output[] = [PAID[0]!, CHANGE, PAID[1]!];

export const PSBT = psbtOf(INPUTS, OUTPUTS);

export function verifierOf(
  given: PinsInput = pins(),
  descriptors: unknown = DESCRIPTORS,
): Verifier {
  const made = createVerifier({ pins: given, descriptors });
  if (!made.ok) throw new Error(`${made.code} ${made.path} ${made.text}`);
  return made.value;
}

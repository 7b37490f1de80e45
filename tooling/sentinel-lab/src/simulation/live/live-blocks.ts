/** What the blocks of a simulated chain pay and sign. */
import type { BlockDetail, BlockHeader, Signature } from "@dgb-shield/sentinel";
import { poisson, type Random } from "../random.js";
import type { Conditions } from "./conditions.js";

/** DigiByte's subsidy falls by about 1 % each 175,200 blocks; the figures are of 2026, about. */
const FALLING = {
  fromHeight: 23_700_000,
  value: 27_700_000_000,
  share: 0.9884,
  blocks: 175_200,
} as const;

/** What a coinbase that takes less than it may leaves, in base units. */
const LEFT = 5_000;

/** Signatures of one block, in the mean. */
const SIGNATURES = 6;
const DAY_S = 86_400;

/** r of the nonce 1/2 (the point halfway to the generator), which sweeps of dust use on purpose. */
const R_OF_HALF = "00000000000000000000003b78ce563f89a0ed9414f5aa28ad0d96d6795f9c63";

const HEX = Array.from({ length: 65_536 }, (_, i) => i.toString(16).padStart(4, "0"));
const QUARTERS = 16;

/** 32 bytes as hex, by chance. */
function randomHex(random: Random): string {
  let text = "";
  for (let i = 0; i < QUARTERS; i++) text += HEX[Math.floor(random() * 65_536)] ?? "";
  return text;
}

/** What a block may create at a height, in base units. */
function subsidyAt({ chain }: Conditions, height: number): number {
  const { subsidy } = chain;
  if (subsidy !== undefined) {
    return Math.floor(subsidy.initial / 2 ** Math.floor(height / subsidy.halving_blocks));
  }
  const months = Math.floor((height - FALLING.fromHeight) / FALLING.blocks);
  return Math.floor(FALLING.value * FALLING.share ** months);
}

/** The coinbase of a block. */
export function detailOf(
  conditions: Conditions,
  { hash, height }: BlockHeader,
  { fees, random }: Readonly<{ fees: number; random: Random }>,
): BlockDetail {
  const most = subsidyAt(conditions, height) + fees;
  const isLess = conditions.underpaidShare > 0 && random() < conditions.underpaidShare;
  return { hash, height, coinbase_value: isLess ? Math.max(0, most - LEFT) : most, fees };
}

/** Ordinary signatures of a block, and now and then one of a sweep of dust. */
export function signaturesOf({ dustPerDay, chain }: Conditions, random: Random): Signature[] {
  const found: Signature[] = Array.from({ length: poisson(random, SIGNATURES) }, () => ({
    r: randomHex(random),
    s: randomHex(random),
    key: randomHex(random),
    scheme: random() < 0.1 ? ("schnorr" as const) : ("ecdsa" as const),
    txid: randomHex(random),
  }));
  if (dustPerDay > 0 && random() < (dustPerDay * chain.spacing_seconds) / DAY_S) {
    const txid = randomHex(random);
    for (let i = 0; i < 20; i++) {
      found.push({
        r: R_OF_HALF,
        s: randomHex(random),
        key: randomHex(random),
        scheme: "ecdsa",
        txid,
      });
    }
  }
  return found;
}

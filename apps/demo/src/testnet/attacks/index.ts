/** The attacks by name. */
import type { Attack } from "./attack.js";
import { doubleSpend } from "./double-spend.js";
import { invalidate } from "./invalidate.js";
import { reorg } from "./reorg.js";
import { split } from "./split.js";
import { stall } from "./stall.js";

export type { CarriedOut } from "./attack.js";

/** Names of the attacks. */
export const ATTACK_NAMES = ["split", "stall", "reorg", "invalidate", "double-spend"] as const;
/** Name of an attack. */
export type AttackName = (typeof ATTACK_NAMES)[number];

/** Every attack. */
export const ATTACKS: Readonly<Record<AttackName, Attack>> = Object.freeze({
  split,
  stall,
  reorg,
  invalidate,
  "double-spend": doubleSpend,
});

/** Whether a text is the name of an attack. */
export const isAttackName = (text: string): text is AttackName =>
  ATTACK_NAMES.some((name) => name === text);

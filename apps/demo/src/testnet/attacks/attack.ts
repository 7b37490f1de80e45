/** What an attack is made of. */
import type { JsonObject } from "@dgb-shield/contract";
import type { Miner } from "../miner.js";
import type { Network } from "../network.js";

/** What an attack acts on. */
export type Stage = Readonly<{
  network: Network;
  miner: Miner;
  /** Reports a step. */
  step(text: string, data?: JsonObject): void;
}>;

/** An attack that was carried out. */
export type CarriedOut = Readonly<{
  /** Puts right what `heal` of the network does not: it connects all nodes and mines again. */
  repair(): Promise<void>;
}>;

/** An attack. */
export type Attack = Readonly<{
  /** One line for the help. */
  summary: string;
  /** Detectors of which one must find it. */
  expects: readonly string[];
  /** Within how many spacings of the chain. */
  within_spacings: number;
  carryOut(stage: Stage): Promise<CarriedOut>;
}>;

/** Nothing is left to repair. */
export const NOTHING: CarriedOut = Object.freeze({ repair: () => Promise.resolve() });

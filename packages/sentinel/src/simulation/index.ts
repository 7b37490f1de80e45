/** Simulated chains, honest and attacked, and what the detectors make of them. */
export {
  assessAttack,
  assessHonest,
  type AssessmentOptions,
  type AttackQuality,
  type DetectorQuality,
  type FalseAlarms,
  type HonestQuality,
} from "../quality/assess.js";
export { reportPicture } from "../quality/picture.js";
export type { Quantiles } from "../quality/quantiles.js";
export {
  assessRecording,
  type PhaseQuality,
  type QualityReport,
  type RecordingQuality,
  reportMarkdown,
} from "../quality/report.js";
export { deepReorganisation, type DeepReorganisationOptions } from "./deep-reorganisation.js";
export type { ChainEvent } from "./events.js";
export { honestChain, type HonestChainOptions } from "./honest-chain.js";
export type { HashRate, MiningOptions } from "./mining.js";
export { createMultishield, type Multishield } from "./multishield.js";
export { createRandom, type Random } from "./random.js";
export { honestDigibyte, SIMULATED_ATTACKS, type SimulatedScenario } from "./scenarios.js";
export { selfishMining, type SelfishMiningOptions } from "./selfish-mining.js";
export { watch, type WatchOptions } from "./watch.js";

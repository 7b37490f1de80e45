/** Measures detection quality: simulated attacks, an honest chain, recordings. */
import { blocksPerYear } from "@dgb-shield/chain";
import { assessAttack, assessHonest } from "../quality/assess.js";
import { assessRecording, type QualityReport } from "../quality/report.js";
import { honestDigibyte, SIMULATED_ATTACKS } from "../simulation/scenarios.js";
import type { ReportArguments } from "./options.js";
import type { Progress } from "./progress.js";
import { replayRecordingFile } from "./recording-file.js";

const PROGRESS_EVERY = 500;

const HONEST_SEED = 1;

/**
 * Measures everything requested, recordings first: one that cannot be read ends it early.
 *
 * @throws UsageError, UnreadableFileError, and what `node:fs` throws
 */
export function measure(options: ReportArguments, progress: Progress): QualityReport {
  const recordings = options.recordings.map((file) =>
    assessRecording(file, replayRecordingFile(file)),
  );
  const seeds = Array.from({ length: options.seeds }, (_, i) => i + 1);
  const honestBlocks = Math.round(options.years * blocksPerYear(honestDigibyte.chain));
  const attackBlocks = SIMULATED_ATTACKS.reduce((sum, one) => sum + one.blocks * options.seeds, 0);
  let before = 0;
  const onProgress = (label: string) => (blocks: number) => {
    if (blocks % PROGRESS_EVERY === 0) {
      progress.move((before + blocks) / (honestBlocks + attackBlocks), label);
    }
  };
  const attacks = SIMULATED_ATTACKS.map((scenario) => {
    const quality = assessAttack(scenario, { seeds, onProgress: onProgress(scenario.name) });
    before += scenario.blocks * options.seeds;
    return quality;
  });
  const honest = assessHonest(honestDigibyte, {
    seeds: [HONEST_SEED],
    blocks: honestBlocks,
    onProgress: onProgress(honestDigibyte.name),
  });
  progress.end();
  return { version: 1, honest: [honest], attacks, recordings };
}

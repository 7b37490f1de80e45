/** The engine against its reference model in rationals (`test/oracle.ts`), on random contexts near every boundary. */
import { decide, evaluateTransaction, parseContext, parsePolicy } from "../src/index.js";
import { expectedReason } from "../test/support/reference-model.js";
import { BOUNDARIES, boundariesOf } from "./boundaries.js";
import { randomContext, randomPolicy } from "./generate.js";
import { createRandom } from "@dgb-shield/testkit/random";

const CONTEXTS_OF_A_POLICY = 10;

/** What a run met. */
export type Differential = Readonly<{
  contexts: number;
  /** The first contexts on which the two differ. */
  differences: readonly string[];
  reasons: ReadonlyMap<string, number>;
  boundaries: ReadonlyMap<string, number>;
}>;

/** Compares so many contexts; `onProgress` is called after every hundredth part. */
export function runDifferential(
  contexts: number,
  seed: number,
  onProgress: (done: number) => void = () => undefined,
): Differential {
  const random = createRandom(seed);
  const differences: string[] = [];
  const reasons = new Map<string, number>();
  const boundaries = new Map(BOUNDARIES.map((name) => [name, 0]));
  let policy = parsePolicy({});
  for (let i = 0; i < contexts; i++) {
    if (i % CONTEXTS_OF_A_POLICY === 0) policy = parsePolicy(randomPolicy(random));
    const context = randomContext(random, policy);
    const { reason_id } = evaluateTransaction(context, policy);
    const parsed = parseContext(context);
    const again = parsed.ok ? decide(parsed.context, policy).reason_id : "not parsed";
    const expected = expectedReason(context, policy);
    if ((reason_id !== expected || again !== expected) && differences.length < 10) {
      differences.push(JSON.stringify({ expected, reason_id, again, context, policy }));
    }
    reasons.set(reason_id, (reasons.get(reason_id) ?? 0) + 1);
    for (const name of boundariesOf(context, policy)) {
      boundaries.set(name, (boundaries.get(name) ?? 0) + 1);
    }
    if ((i + 1) % Math.ceil(contexts / 100) === 0) onProgress(i + 1);
  }
  return { contexts, differences, reasons, boundaries };
}

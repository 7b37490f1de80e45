/** One process of the model: its policy, its clock, and how it stands to what the ledger has seen. */
import { limitsOf } from "./rules/limits.js";
import type { ModelClock } from "./rules/clock.js";
import type { ModelPolicy } from "./types.js";
import { typeOf, type World } from "./world.js";

export type Process = {
  readonly world: World;
  readonly policy: ModelPolicy;
  /** Version of the policy. */
  readonly version: string;
  /** Whether addresses are turned into scripts. */
  readonly hasScripts: boolean;
  readonly clock: ModelClock;
  /** How often the policy had changed when the process first read it; null: it never did. */
  firstGeneration: number | null;
  /** Whether its policy was the current one at a read. */
  wasCurrent: boolean;
};

/** Whether another policy became the current one after this process's own, or after its first read. */
export function isOutdated(process: Process): boolean {
  const { version, world } = process;
  const generation = world.policy?.generation ?? 0;
  if (world.policy?.version === version) {
    process.wasCurrent = true;
    return false;
  }
  const { firstGeneration } = process;
  if (process.wasCurrent || (firstGeneration !== null && firstGeneration !== generation))
    return true;
  process.firstGeneration = generation;
  return false;
}

/** The first decision makes the process's policy the current one. */
export function register({ world, version }: Process): void {
  if (world.policy?.version === version) return;
  world.policy = { version, generation: (world.policy?.generation ?? 0) + 1 };
}

/** A wallet is always locked, account and global where they have limits. */
const lockedOf = ({ policy }: Process, scopes: readonly string[]): string[] =>
  scopes.filter((scope) => limitsOf(policy, typeOf(scope)) !== null);

/** Latest time that the locked scopes have seen: of a decision or of an ALLOW. */
function latestOf(process: Process, scopes: readonly string[]): number {
  const { lastTime, allows } = process.world;
  const locked = lockedOf(process, scopes);
  const allowed = allows.filter(({ scope }) => locked.includes(scope)).map(({ at }) => at);
  return Math.max(0, ...locked.map((scope) => lastTime.get(scope) ?? 0), ...allowed);
}

export function remember(process: Process, scopes: readonly string[], now: number): void {
  for (const scope of lockedOf(process, scopes)) process.world.lastTime.set(scope, now);
}

/** What time it is for a decision; null: no clock can be trusted. */
export type Moment = Readonly<{ now: number; told: number }>;

export function momentOf(
  process: Process,
  scopes: readonly string[],
): Moment & Readonly<{ trusted: boolean }> {
  const { now: told, trusted } = process.clock.read();
  const now = Math.max(told, latestOf(process, scopes));
  const isTrusted = trusted && now <= told + process.policy.maxClockJumpMs;
  return { now, told, trusted: isTrusted };
}

/**
 * Section 7 of the design once more, as plain lists and loops, to hold the engine against. It shares
 * nothing with `src/`: amounts are numbers of base units, ids are small words, and nothing is clever.
 * Where the engine computes when a window has room, or how much would pass, the model just tries.
 */
import { claim } from "./rules/claim.js";
import { type Clocks, ModelClock } from "./rules/clock.js";
import { newlyKnown, scriptOf } from "./rules/destinations.js";
import { evaluate } from "./rules/evaluate.js";
import { momentOf, type Process, remember } from "./process.js";
import { commit, type CommitAsk, release, type ReleaseAsk } from "./rules/settle.js";
import type {
  Ask,
  ClaimAsk,
  ClaimExpected,
  Expected,
  Known,
  ModelPolicy,
  SettleExpected,
} from "./types.js";
import { World } from "./world.js";

/** A destination that is named ahead, by whom. */
export type PlaceAsk = Readonly<{ owner: string; address: string }>;

/** One ledger, and the processes on it, each with a policy and a clock of its own. */
export class Model {
  private readonly world = new World();
  private readonly processes: readonly Process[];
  private readonly time: Clocks;

  constructor(
    policies: readonly ModelPolicy[],
    time: Clocks,
    { hasSteadyClock, hasScripts }: Readonly<{ hasSteadyClock: boolean; hasScripts: boolean }>,
  ) {
    this.time = time;
    this.processes = policies.map((policy, index) => ({
      world: this.world,
      policy,
      version: `version ${index}`,
      hasScripts,
      clock: new ModelClock(time, { hasSteadyClock, skew: policy.maxClockJumpMs }),
      firstGeneration: null,
      wasCurrent: false,
    }));
  }

  private by(index: number): Process {
    const process = this.processes[index];
    if (process === undefined) throw new Error(`no process ${index}`);
    return process;
  }

  evaluate(ask: Ask, index = 0): Expected {
    return evaluate(this.by(index), ask);
  }

  claim(ask: ClaimAsk, index = 0): ClaimExpected {
    return claim(this.by(index), ask);
  }

  commit(ask: CommitAsk, index = 0): SettleExpected {
    return commit(this.by(index), ask);
  }

  release(ask: ReleaseAsk, index = 0): SettleExpected {
    return release(this.by(index), ask);
  }

  /** Accepts the wall clock as right; no other process is on the ledger. */
  acceptClock(): void {
    const { policy, clock } = this.by(0);
    clock.accept();
    // A claim of any policy may run for a day.
    this.world.redate(this.time.wall, 86_400_000 + policy.maxClockJumpMs);
  }

  /** An operator's freeze; each moment is a cause of its own. */
  freezeScope(scope: string): string {
    const now = this.order([scope]);
    const cause = `operator:${scope}:${now}`;
    this.world.beginSeries(scope);
    this.world.addFreeze({ scope, kind: "operator", cause, at: now });
    return cause;
  }

  /** Ends what risk and limits have frozen; an operator's freeze is ended by its name. */
  unfreezeScope(scope: string): SettleExpected {
    const { world } = this;
    const here = world.freezes.filter((freeze) => freeze.scope === scope);
    this.by(0).clock.read();
    if (here.length === 0) return { accepted: false, codes: ["not_frozen"] };
    const stays = here.filter(({ kind }) => kind === "operator");
    if (stays.length === here.length) return { accepted: false, codes: ["operator_freeze"] };
    this.order([scope]);
    world.freezes = world.freezes.filter((one) => one.scope !== scope || one.kind === "operator");
    return { accepted: true, codes: [] };
  }

  unfreezeCause(cause: string): SettleExpected {
    const { world } = this;
    const stays = world.freezes.filter((freeze) => freeze.cause !== cause);
    this.by(0).clock.read();
    if (stays.length === world.freezes.length) return { accepted: false, codes: ["not_frozen"] };
    this.order([]);
    world.freezes = stays;
    return { accepted: true, codes: [] };
  }

  /** Names a destination ahead of a payment, so that it is new no more when it is paid. */
  register(ask: PlaceAsk): SettleExpected {
    const { owner, address } = ask;
    const script = scriptOf(address, this.by(0).hasScripts);
    if (script === null) return { accepted: false, codes: ["destination_unreadable"] };
    const isKnown = this.world.known.some((one) => one.owner === owner && one.script === script);
    const process = this.by(0);
    const { now, trusted } = momentOf(process, [owner]);
    if (!trusted) return { accepted: false, codes: ["clock_untrusted"] };
    if (!isKnown) {
      remember(process, [owner], now);
      this.world.known.push(newlyKnown({ owner, script, address, at: now }));
    }
    return { accepted: true, codes: [], ...(isKnown ? { repeated: true } : {}) };
  }

  /** Approves a destination by an operator: it neither waits nor counts as a look-alike any more. */
  approve(ask: PlaceAsk): SettleExpected {
    const script = scriptOf(ask.address, this.by(0).hasScripts);
    if (script === null) return { accepted: false, codes: ["destination_unreadable"] };
    this.know(ask, script).isApproved = true;
    return { accepted: true, codes: [] };
  }

  private know({ owner, address }: PlaceAsk, script: string): Known {
    const at = this.order([owner]);
    const { known } = this.world;
    const there = known.find((one) => one.owner === owner && one.script === script);
    if (there !== undefined) return there;
    const fresh = newlyKnown({ owner, script, address, at });
    known.push(fresh);
    return fresh;
  }

  /** What is ordered is recorded whatever the clock is worth, at a time that makes nothing milder. */
  private order(scopes: readonly string[]): number {
    const process = this.by(0);
    const { now, trusted } = momentOf(process, scopes);
    if (trusted) remember(process, scopes, now);
    return now;
  }
}

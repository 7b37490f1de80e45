/** Keeps what governs beside the ledger, whose transaction is what makes a change hold (decision 47). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalize, type JsonObject, ShieldError } from "@dgb-shield/contract";
import type { Ledger, LedgerSnapshot, LedgerWrites } from "@dgb-shield/wallet-guardian";
import { createStateFile } from "../../pipeline/index.js";
import { ANCHOR } from "./anchor.js";
import type { Bodies } from "./bodies.js";
import { type GovernanceState, readGovernance, writeGovernance } from "./state.js";

/** Governance that cannot be used: the ledger, the state or this folder know of it, and another one does not. */
export class GovernanceError extends ShieldError<"governance_lost"> {
  override readonly name = "GovernanceError";

  constructor(detail: string, cause?: unknown) {
    super({ code: "governance_lost", detail, cause });
  }
}

/** Where governance is kept. */
export type GovernanceStore = Readonly<{
  /**
   * Reads what holds; null where governance was never latched.
   *
   * @throws GovernanceError where it was, and what it holds is not there; LedgerError
   */
  load(): Promise<GovernanceState | null>;
  /**
   * Makes a change hold, with its records, all or nothing: durable when it resolves.
   *
   * @param before what was loaded; null: nothing was
   * @returns false where another process was first
   * @throws LedgerError; what the place of the text throws
   */
  commit(change: Commit): Promise<boolean>;
  /** Makes a state hold whatever held before: for the host, while every service is stopped. */
  replace(state: GovernanceState, records: readonly JsonObject[]): Promise<void>;
  /** How often the clock was accepted, as the ledger has it, and what its own clock gives; null where the caller's counts. */
  ledgerClock(): Promise<Readonly<{ acceptances: number; clock_ms: number | null }>>;
}>;

/** One change. */
export type Commit = Readonly<{
  before: GovernanceState | null;
  after: GovernanceState;
  records: readonly JsonObject[];
}>;

type Parts = Readonly<{
  ledger: Pick<Ledger, "transact" | "identity">;
  bodies: Bodies;
  /** The folder of this process, which remembers that governance was latched. */
  data_dir: string;
  clock: () => number;
}>;

/** Times that a state is read while others replace it. */
const MAX_TRIES = 10;

/** What to do about a state that was lost. */
const LOST =
  "restore the folder that holds it, or with the service stopped run shield governance recover";

/** Creates a store. */
export function createGovernanceStore({ ledger, bodies, data_dir, clock }: Parts): GovernanceStore {
  const marker = createStateFile(join(data_dir, "governance.latched"));

  const ask = <T>(
    step: (snapshot: LedgerSnapshot) => { result: T; writes: LedgerWrites | null },
  ): Promise<T> =>
    ledger.transact({ now_ms: clock(), ids: [], scopes: [], freezes: null, policy: ANCHOR }, step);
  const written = (after: GovernanceState, digest: string, records: readonly JsonObject[]) => ({
    policy: { name: ANCHOR, version: digest },
    records: records.map((facts) => ({
      kind: "governance" as const,
      json: canonicalize({ record_version: 1, number: after.number, ...facts }),
    })),
  });
  const anchor = (): Promise<string | null> =>
    ask(({ policy }) => ({ result: policy?.version ?? null, writes: null }));

  /** Reads the state of a digest; begins again where another one has taken its place meanwhile. */
  async function stateOf(digest: string): Promise<GovernanceState | null> {
    for (let wanted = digest, tries = 0; tries < MAX_TRIES; tries++) {
      const body = await bodies.get(wanted);
      const state = body === null ? null : readGovernance(body, wanted);
      const current = state === null ? await anchor() : wanted;
      if (state !== null || current === null || current === wanted) return state;
      wanted = current;
    }
    return null;
  }

  return Object.freeze({
    async load() {
      const [digest, { ledger_id }] = [await anchor(), await ledger.identity()];
      const marked = latchedFor(data_dir);
      if (marked !== null && marked !== ledger_id) {
        throw new GovernanceError(`governance was latched here for another ledger: ${LOST}`);
      }
      if (digest === null) {
        if (marked === null) return null;
        throw new GovernanceError(`the ledger does not know of its governance: ${LOST}`);
      }
      const state = await stateOf(digest);
      if (state?.ledger_id !== ledger_id) {
        throw new GovernanceError(`what governs is missing, damaged or of another time: ${LOST}`);
      }
      if (marked === null) await marker.save(ledger_id);
      return state;
    },
    async commit({ before, after, records }) {
      const expected = before === null ? null : writeGovernance(before).digest;
      const { body, digest } = sound(after);
      await bodies.put(digest, body);
      const isDone = await ask(({ policy }) => {
        if ((policy?.version ?? null) !== expected) return { result: false, writes: null };
        return { result: true, writes: written(after, digest, records) };
      });
      if (isDone && before === null) await marker.save(after.ledger_id);
      if (isDone) await bodies.keepOnly(digest);
      return isDone;
    },
    async replace(state, records) {
      const { body, digest } = sound(state);
      await bodies.put(digest, body);
      await ask(() => ({ result: true, writes: written(state, digest, records) }));
      await marker.save(state.ledger_id);
      await bodies.keepOnly(digest);
    },
    ledgerClock: () =>
      ask(({ accepted, clock_ms }) => ({
        result: { acceptances: accepted.count, clock_ms },
        writes: null,
      })),
  } satisfies GovernanceStore);
}

/**
 * Writes a state that can be read again: one that cannot would be lost once it holds.
 *
 * @throws GovernanceError
 */
function sound(state: GovernanceState): ReturnType<typeof writeGovernance> {
  const written = writeGovernance(state);
  if (readGovernance(written.body, written.digest) !== null) return written;
  throw new GovernanceError("what would govern could not be read again: nothing was changed");
}

/** The ledger for which governance was latched in a folder; null: it never was. */
export function latchedFor(data_dir: string): string | null {
  try {
    return readFileSync(join(data_dir, "governance.latched"), "utf8").trim();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

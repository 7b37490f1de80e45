/** What a process does for its PostgreSQL ledger beside the steps: it builds and folds the global journal. */
import { type Connections, stateOf } from "./connection.js";
import { answerText } from "./rows.js";
import type { Statements } from "./statements.js";

/** Rows that a process appends to the global journal before it folds them in. */
const FOLD_EVERY = 2_000;
/** Rows that are folded in under one lock. */
const FOLD_AT_ONCE = 2_000;
/** Time limit for building the global journal, which reads all withdrawals and blocks no caller. */
const FILL_LIMIT_MS = 6 * 3_600_000;
const FOLD_LIMIT_MS = 10_000;
const MAX_TRIES = 5;

/** Who fills at the same time, and who loses. */
const LOST_RACES = new Set(["40001", "40P01", "23505"]);

/** The upkeep of one process. */
export type Upkeep = Readonly<{
  /** Builds the global journal where another version of the ledger had none. */
  fill(): void;
  /** Notes rows that were appended, and folds them in from time to time. */
  appended(rows: number): void;
  /** Folds in what earlier processes have left. */
  fold(): void;
  /** Resolves when nothing is under way any more. */
  idle(): Promise<void>;
}>;

/** Makes the upkeep of one process; what fails is done by another one, or later. */
export function createUpkeep({ lend }: Connections, statements: Statements): Upkeep {
  let filling: Promise<void> | null = null;
  let folding: Promise<void> | null = null;
  let rows = 0;

  async function fillOnce(): Promise<void> {
    await lend(async ({ query }) => {
      try {
        await query(
          statements.beginFill,
          statements.shareLocks,
          statements.fillGlobal,
          statements.durable,
          statements.commit,
        );
      } catch (error) {
        await query(statements.rollback);
        throw error;
      }
    }, FILL_LIMIT_MS);
  }

  async function fillAll(): Promise<void> {
    for (let tries = 1; tries <= MAX_TRIES; tries++) {
      try {
        return await fillOnce();
      } catch (error) {
        if (!LOST_RACES.has(stateOf(error))) return;
      }
    }
  }

  async function foldSome(): Promise<boolean> {
    return lend(async ({ query }) => {
      try {
        const answers = await query(
          statements.begin,
          statements.beginStep(FOLD_LIMIT_MS),
          statements.shareLocks,
          statements.lockGlobal,
          statements.foldKept(FOLD_AT_ONCE),
          statements.commit,
        );
        return Number(answerText(answers[4] ?? [])) >= FOLD_AT_ONCE;
      } catch (error) {
        await query(statements.rollback);
        throw error;
      }
    }, FOLD_LIMIT_MS);
  }

  async function foldAll(): Promise<void> {
    try {
      while (await foldSome()) continue;
    } catch {
      // the next one folds
    }
  }

  function fold(): void {
    rows = 0;
    folding ??= foldAll().finally(() => {
      folding = null;
    });
  }

  return {
    fill() {
      filling ??= fillAll().finally(() => {
        filling = null;
      });
    },
    fold,
    appended(count) {
      rows += count;
      if (rows >= FOLD_EVERY) fold();
    },
    async idle() {
      await filling;
      await folding;
    },
  };
}

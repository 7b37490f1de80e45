/** Builds and folds the global journal of the PostgreSQL ledger, beside the steps. */
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

/** Codes of two processes that fill the journal at the same time. */
const LOST_RACES = new Set(["40001", "40P01", "23505"]);

/** The global journal as one process maintains it. */
export type Upkeep = Readonly<{
  /** Builds the global journal where another version of the ledger had none. */
  fill(): void;
  /** Counts rows that were appended, and folds them in from time to time. */
  appended(rows: number): void;
  /** Folds in rows of earlier processes. */
  fold(): void;
  /** Resolves when no work is running. */
  idle(): Promise<void>;
}>;

/** Maintains the global journal for one process; a failed step is repeated later, or by another process. */
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

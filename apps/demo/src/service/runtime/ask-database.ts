/** Sends one statement to PostgreSQL with a limit on its answer: a connection can die without a word. */
import type pg from "pg";

/** How long an answer is waited for, in milliseconds. */
const ANSWER_MS = 5_000;

/**
 * Sends a statement over a connection of the pool, which is closed where no answer comes in time.
 *
 * @throws what the database answers, or that it did not answer
 */
export function askDatabase<R extends pg.QueryResultRow = pg.QueryResultRow>(
  pool: Pick<pg.Pool, "query">,
  text: string,
  values: unknown[] = [],
): Promise<pg.QueryResult<R>> {
  // `query_timeout` of a single query is not among the types of pg.
  const query: pg.QueryConfig & { query_timeout: number } = {
    ...{ text, values, query_timeout: ANSWER_MS },
  };
  return pool.query<R>(query);
}

/** Names why a statement or a system call failed, for the log: a SQLSTATE or an errno, never a text of a driver. */
export function systemFault(error: unknown): string {
  const code: unknown =
    error instanceof Error ? Object.getOwnPropertyDescriptor(error, "code")?.value : undefined;
  return typeof code === "string" && /^[A-Z0-9_]{3,32}$/.test(code) ? code : "no answer";
}

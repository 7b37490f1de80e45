/** Borrows connections of the caller's pool for one transaction, and discards them after any failure. */
import { LedgerError, type LedgerFacts } from "../../errors.js";
import { ownCode } from "../../internal/own.js";

/** The part of a pooled client that the ledger uses, as `pg` has it. */
export interface PostgresClient {
  /** Sends a text of one or several statements without parameters; several have an answer each. */
  query(
    query: Readonly<{ text: string }>,
  ): Promise<Readonly<{ rows: unknown[] }> | readonly Readonly<{ rows: unknown[] }>[]>;
  /** Gives the client back; with an error it is closed instead. */
  release(error?: Error): void;
  on?(event: "error", listener: (error: Error) => void): unknown;
  removeListener?(event: "error", listener: (error: Error) => void): unknown;
}

/** The part of a pool that the ledger uses, as `pg.Pool` has it. The caller creates and ends it. */
export interface PostgresPool {
  connect(): Promise<PostgresClient>;
  on?(event: "error", listener: (error: Error) => void): unknown;
  on?(event: "acquire", listener: (client: ErrorSource) => void): unknown;
}

/** An emitter of connection errors, such as `pg`'s client. */
type ErrorSource = Readonly<{
  on?: (event: "error", listener: (error: Error) => void) => unknown;
}>;

/**
 * Sends statements in one message, so that they need one round trip; answers with the rows of each. Nothing is
 * prepared: no name of a statement is shared by two schemas, and a pooler may change the connection.
 */
export type Query = (...statements: readonly string[]) => Promise<readonly (readonly unknown[])[]>;

/** A borrowed connection. */
export type Session = Readonly<{
  query: Query;
  /** Adds the process's own time to the limit, during which no answer was due. */
  extend(ms: number): void;
}>;

/** Borrows connections. */
export type Connections = Readonly<{
  /** Lends a connection; one that failed, or took longer than `limitMs`, is closed. */
  lend<T>(use: (session: Session) => Promise<T>, limitMs: number): Promise<T>;
}>;

/** Quotes a text as an SQL literal, whatever the server's `standard_conforming_strings`. */
export const literal = (text: string): string =>
  `E'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;

/** Makes connections out of a pool; the limit of one use includes the wait for a connection. */
export function createConnections(pool: PostgresPool): Connections {
  guardPool(pool);

  async function lend<T>(use: (session: Session) => Promise<T>, limitMs: number): Promise<T> {
    const deadline = startDeadline(limitMs);
    try {
      const client = await connect(pool, deadline.passed);
      const query: Query = async (...statements) => {
        const answer = await client.query({ text: statements.join(";\n") });
        return (Array.isArray(answer) ? answer : [answer]).map(({ rows }) => rows as unknown[]);
      };
      if (!guarded.has(client)) client.on?.("error", ignore);
      return await Promise.race([use({ query, extend: deadline.extend }), deadline.passed]).then(
        (result) => {
          giveBack(client);
          return result;
        },
        (error: unknown) => {
          giveBack(client, error instanceof Error ? error : new Error(String(error)));
          throw error;
        },
      );
    } finally {
      deadline.clear();
    }
  }
  return { lend };
}

function connect(pool: PostgresPool, passed: Promise<never>): Promise<PostgresClient> {
  const connecting = pool.connect();
  let isLate = false;
  passed.catch(() => {
    isLate = true;
  });
  connecting.then((client) => {
    if (isLate) client.release(new Error("too late"));
  }, ignore);
  return Promise.race([connecting, passed]);
}

function giveBack(client: PostgresClient, error?: Error): void {
  if (error === undefined && !guarded.has(client)) client.removeListener?.("error", ignore);
  client.release(error);
}

const guarded = new WeakSet<object>();

/**
 * Listens for lost connections from the first turn: an error that the server sends in one piece with
 * its readiness is emitted before a promise of the client resolves, and without a listener it would
 * end the process.
 */
function guardPool(pool: PostgresPool): void {
  if (guarded.has(pool)) return;
  guarded.add(pool);
  pool.on?.("error", ignore);
  pool.on?.("acquire", guardClient);
}

function guardClient(client: ErrorSource): void {
  if (guarded.has(client)) return;
  guarded.add(client);
  client.on?.("error", ignore);
}

function startDeadline(limitMs: number) {
  let timer: NodeJS.Timeout | undefined;
  let end = performance.now() + limitMs;
  const passed = new Promise<never>((_resolve, reject) => {
    const wait = () => {
      const leftMs = end - performance.now();
      if (leftMs > 0) timer = setTimeout(wait, leftMs);
      else reject(new LedgerError("ledger_unavailable", `no answer within ${limitMs} ms`));
    };
    timer = setTimeout(wait, limitMs);
  });
  passed.catch(ignore);
  return {
    passed,
    extend: (ms: number) => {
      end += ms;
    },
    clear: () => {
      clearTimeout(timer);
    },
  };
}

function ignore(): void {
  return;
}

/** Reads the SQLSTATE of a PostgreSQL error; empty for any other. */
export function stateOf(error: unknown): string {
  const code = ownCode(error);
  return /^[0-9A-Z]{5}$/.test(code) && !SYSTEM_CODES.test(code) ? code : "";
}

/** Codes of the operating system that have five letters, too: `EPERM`, `EPIPE`. */
const SYSTEM_CODES = /^E[A-Z]{4}$/;

/** Where a call failed, for the log: never a text of the driver, which may carry a connection's secrets. */
export function factsOf(error: unknown): LedgerFacts {
  const code = ownCode(error);
  const sqlstate = stateOf(error);
  if (sqlstate !== "") return { sqlstate };
  return /^E[A-Z0-9_]{2,31}$/.test(code) ? { errno: code } : {};
}

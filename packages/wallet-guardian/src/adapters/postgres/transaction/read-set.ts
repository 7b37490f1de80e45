/** Holds what a transaction of the PostgreSQL ledger has read, and reads missing parts later. */
import type {
  DestinationRead,
  DestinationSnapshot,
  StoredDestination,
  StoredPolicy,
  StoredWithdrawal,
} from "../../../ports.js";
import { FREEZE_KINDS } from "../../../ports.js";
import type { Acceptance } from "../../../clock/time.js";
import type { Query } from "../connection.js";
import { type ReadAnswer, toNumber, toReadAnswer, toSums } from "../rows.js";
import { openScope, type PostgresScope, reservedKey } from "./scope.js";
import type { Statements } from "../statements.js";

type Destinations = Map<string, DestinationSnapshot & Readonly<{ read: DestinationRead }>>;

/** The rows that were read. */
export type Store = {
  clockMs: number;
  accepted: Acceptance;
  isGlobalKept: boolean;
  /** Generation of the evidence; undefined where none is read. */
  evidence: number | undefined;
  readonly held: Set<string>;
  readonly looked: Set<string>;
  readonly withdrawals: Map<string, StoredWithdrawal>;
  readonly scopes: Map<string, PostgresScope>;
  readonly destinations: Destinations;
  readonly policies: Map<string, StoredPolicy>;
  /** Names of policies that were read, existing or not. */
  readonly readPolicies: Set<string>;
  readonly accountFreezes: Map<string, number | null>;
};

/** Makes an empty read set. */
export const emptyStore = (): Store => ({
  clockMs: 0,
  accepted: { count: 0, at_ms: 0 },
  isGlobalKept: false,
  evidence: undefined,
  held: new Set(),
  looked: new Set(),
  withdrawals: new Map(),
  scopes: new Map(),
  destinations: new Map(),
  policies: new Map(),
  readPolicies: new Set(),
  accountFreezes: new Map(),
});

/** One read, and how it is sent. */
export type Reader = Readonly<{
  query: Query;
  statements: Statements;
}>;

type ReadQuestion = Readonly<{
  ids?: readonly string[];
  scopes?: readonly string[];
  policies?: readonly string[];
}>;

type Reading = Readonly<{
  question: ReadQuestion;
  before?: readonly string[];
  /** Statement that reads the generation of the evidence, sent after the read. */
  evidence?: string;
}>;

/** Sends a read, and stores and returns the answer. */
export async function readInto(
  store: Store,
  { query, statements }: Reader,
  { question, before = [], evidence }: Reading,
): Promise<ReadAnswer> {
  const after = evidence === undefined ? [] : [evidence];
  const answers = await query(...before, statements.read(question), ...after);
  const found = toReadAnswer(answers[before.length] ?? []);
  if (evidence !== undefined) store.evidence = toNumber(answers.at(-1) ?? []);
  store.clockMs = Math.max(store.clockMs, found.now_ms);
  store.accepted = found.accepted;
  store.isGlobalKept = found.state.is_global_kept;
  for (const key of found.held) store.held.add(key);
  for (const id of question.ids ?? []) store.looked.add(id);
  for (const row of found.withdrawals) store.withdrawals.set(row.withdrawal_id, row);
  for (const name of question.policies ?? []) store.readPolicies.add(name);
  keepScopes(store, found, question.scopes ?? []);
  for (const { stored, has_lookalike, ...read } of found.destinations) {
    store.destinations.set(destinationKey(read), { read, stored, has_lookalike });
  }
  for (const { name, ...policy } of found.policies) store.policies.set(name, policy);
  for (const { wallet_id, last_at_ms } of found.account_freezes) {
    store.accountFreezes.set(wallet_id, last_at_ms);
  }
  return found;
}

function keepScopes({ scopes }: Store, found: ReadAnswer, keys: readonly string[]): void {
  const rows = new Map(found.scopes.map((row) => [row.scope, row]));
  const journals = new Map<string, PostgresScope["journals"]["main"]>();
  for (const key of keys) {
    const kinds = found.frozen.filter(({ scope }) => scope === key);
    const scope = openScope(key, {
      row: rows.get(key),
      reserved: rows.get(reservedKey(key)),
      frozen: FREEZE_KINDS.flatMap((kind) =>
        kinds.filter((one) => one.kind === kind).map(({ last_at_ms }) => ({ kind, last_at_ms })),
      ),
    });
    scopes.set(key, scope);
    for (const journal of Object.values(scope.journals)) journals.set(journal.key, journal);
  }
  for (const { journal, after_ms, ...sums } of found.windows) {
    journals.get(journal)?.sums.set(after_ms, toSums(sums));
  }
  for (const { scope, since_ms, most, count } of found.attempts) {
    scopes.get(scope)?.attempts.set(attemptsKey(since_ms, most), count);
  }
}

/** A number of attempts: since when, and up to how many. */
export const attemptsKey = (sinceMs: number, most: number): string => `${sinceMs}/${most}`;

const destinationKey = ({ owner, script, shape }: DestinationRead): string =>
  JSON.stringify([owner, script, shape]);

/** Finds a destination that was read. */
export function destinationOf({ destinations }: Store, read: DestinationRead): DestinationSnapshot {
  const found = destinations.get(destinationKey(read));
  if (found === undefined) throw new Error("a destination was left unanswered");
  const { stored, has_lookalike } = found;
  return { stored, has_lookalike };
}

/** Updates a destination with what is written of it. */
export function knowDestination({ destinations }: Store, row: StoredDestination): void {
  for (const [key, known] of destinations) {
    const { read } = known;
    if (read.owner !== row.owner) continue;
    if (read.script === row.script) destinations.set(key, { ...known, stored: row });
    else if (row.shape !== null && read.shape === row.shape) {
      destinations.set(key, { ...known, has_lookalike: true });
    }
  }
}

/** Drops what owners have named; nothing of theirs looks like anything any more. */
export function forgetDestinations({ destinations }: Store, owners: readonly string[]): void {
  for (const [key, known] of destinations) {
    if (owners.includes(known.read.owner))
      destinations.set(key, { ...known, stored: null, has_lookalike: false });
  }
}

/** Tables of the SQLite ledger; `user_version` counts the migrations that a file has seen. */
import { COMPACT_SCHEMA } from "./version-4.js";
import { journalsOf, SUM_COLUMNS } from "./sums.js";

/** Applied in order, each once; a released one never changes. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE withdrawals (
    withdrawal_id TEXT PRIMARY KEY,
    wallet_id TEXT NOT NULL,
    account_id TEXT,
    amount INTEGER NOT NULL CHECK (amount > 0),
    content_hash TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'reserved', 'committed', 'released')),
    counts TEXT NOT NULL CHECK (counts IN ('allowed', 'asked', 'nothing')),
    counted_at_ms INTEGER CHECK ((counted_at_ms IS NULL) = (counts = 'nothing')),
    allowed_at_ms INTEGER,
    txid TEXT,
    answer TEXT,
    CHECK (status NOT IN ('reserved', 'committed') OR counts = 'allowed'),
    CHECK ((txid IS NOT NULL) = (status = 'committed'))
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX window_account ON withdrawals (account_id, counts, counted_at_ms, amount);
  CREATE INDEX window_wallet ON withdrawals (wallet_id, counts, counted_at_ms, amount);
  CREATE INDEX window_global ON withdrawals (counts, counted_at_ms, amount);
  CREATE INDEX allows_account ON withdrawals (account_id, allowed_at_ms) WHERE allowed_at_ms IS NOT NULL;
  CREATE INDEX allows_wallet ON withdrawals (wallet_id, allowed_at_ms) WHERE allowed_at_ms IS NOT NULL;
  CREATE INDEX allows_global ON withdrawals (allowed_at_ms) WHERE allowed_at_ms IS NOT NULL;

  CREATE TABLE times (
    scope TEXT PRIMARY KEY,
    time_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE freezes (
    scope_type TEXT NOT NULL CHECK (scope_type IN ('account', 'wallet', 'global')),
    scope_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('risk', 'limit', 'operator')),
    cause_id TEXT NOT NULL,
    frozen_at_ms INTEGER NOT NULL,
    operator TEXT,
    reason TEXT NOT NULL,
    PRIMARY KEY (scope_type, scope_id, kind, cause_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX freezes_cause ON freezes (cause_id);

  CREATE TABLE attempts (
    attempt INTEGER PRIMARY KEY,
    scope TEXT NOT NULL,
    at_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX attempts_scope ON attempts (scope, at_ms);

  CREATE TABLE records (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    record TEXT NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE entries (
    withdrawal_id TEXT NOT NULL UNIQUE,
    wallet_id TEXT NOT NULL,
    account_id TEXT,
    amount INTEGER NOT NULL CHECK (amount > 0),
    content_hash TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'reserved', 'committed', 'released')),
    counts TEXT NOT NULL CHECK (counts IN ('allowed', 'asked', 'nothing')),
    counted_at_ms INTEGER CHECK ((counted_at_ms IS NULL) = (counts = 'nothing')),
    allowed_at_ms INTEGER,
    txid TEXT,
    answer TEXT,
    CHECK (status NOT IN ('reserved', 'committed') OR counts = 'allowed'),
    CHECK ((txid IS NOT NULL) = (status = 'committed'))
  ) STRICT;
  INSERT INTO entries SELECT withdrawal_id, wallet_id, account_id, amount, content_hash, status,
    counts, counted_at_ms, allowed_at_ms, txid, answer FROM withdrawals;
  DROP TABLE withdrawals;
  ALTER TABLE entries RENAME TO withdrawals;

  CREATE TABLE running_sums (
    scope TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    ${SUM_COLUMNS.map((column) => `${column} INTEGER NOT NULL`).join(", ")},
    PRIMARY KEY (scope, at_ms)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE corrections (
    scope TEXT NOT NULL,
    level INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    ${SUM_COLUMNS.map((column) => `${column} INTEGER NOT NULL`).join(", ")},
    PRIMARY KEY (scope, level, bucket)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE scopes (
    scope TEXT PRIMARY KEY,
    time_ms INTEGER NOT NULL,
    journaled INTEGER NOT NULL CHECK (journaled IN (0, 1)),
    newest_ms INTEGER,
    ${SUM_COLUMNS.map((column) => `${column} INTEGER NOT NULL`).join(", ")},
    corrected_ms INTEGER,
    last_allow_id TEXT,
    last_allow_ms INTEGER,
    other_allow_ms INTEGER,
    attempted_ms INTEGER
  ) STRICT, WITHOUT ROWID;

  ${journalsOf("'wallet:' || wallet_id", "TRUE")}
  ${journalsOf("'account:' || account_id", "account_id IS NOT NULL")}
  INSERT INTO scopes SELECT scope, time_ms, scope <> 'global', NULL, 0, 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL
    FROM times WHERE TRUE ON CONFLICT (scope) DO UPDATE SET time_ms = excluded.time_ms;
  INSERT INTO scopes SELECT scope, 0, scope <> 'global', NULL, 0, 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL, max(at_ms)
    FROM attempts GROUP BY scope ON CONFLICT (scope) DO UPDATE SET attempted_ms = excluded.attempted_ms;
  DROP TABLE times;
  `,
  `
  CREATE TABLE clock (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    accepted INTEGER NOT NULL,
    accepted_ms INTEGER NOT NULL
  ) STRICT;
  INSERT INTO clock VALUES (1, 0, 0);
  `,
  COMPACT_SCHEMA,
];

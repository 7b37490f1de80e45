/** Tables of the SQLite ledger; `user_version` counts the migrations that a file has seen. */

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
];

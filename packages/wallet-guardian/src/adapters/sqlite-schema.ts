/** Tables of the SQLite ledger; `user_version` counts the migrations that a file has seen. */

/**
 * Sums are stored in two halves, since they may exceed 64 bits: the upper halves of all amounts, and
 * the lower 32 bits of all amounts.
 */
export const SUM_COLUMNS = [
  "allowed_high",
  "allowed_low",
  "allowed_count",
  "asked_high",
  "asked_low",
  "asked_count",
] as const;

const SUMS = SUM_COLUMNS.join(", ");

/** SQL that enters the journals of many scopes at once, from the withdrawals that count. */
export const journalsOf = (scope: string, belongs: string): string => `
  INSERT INTO running_sums
    SELECT scope, at_ms, ${SUM_COLUMNS.map((column) => `sum(${column}) OVER journal`).join(", ")}
    FROM (
      SELECT ${scope} AS scope, counted_at_ms AS at_ms,
        sum(CASE counts WHEN 'allowed' THEN amount >> 32 ELSE 0 END) AS allowed_high,
        sum(CASE counts WHEN 'allowed' THEN amount & 4294967295 ELSE 0 END) AS allowed_low,
        sum(counts = 'allowed') AS allowed_count,
        sum(CASE counts WHEN 'asked' THEN amount >> 32 ELSE 0 END) AS asked_high,
        sum(CASE counts WHEN 'asked' THEN amount & 4294967295 ELSE 0 END) AS asked_low,
        sum(counts = 'asked') AS asked_count
      FROM withdrawals WHERE ${belongs} AND counts <> 'nothing' GROUP BY 1, 2
    ) WINDOW journal AS (PARTITION BY scope ORDER BY at_ms);
  INSERT INTO scopes (scope, time_ms, journaled, ${SUMS}, last_allow_id, last_allow_ms)
    SELECT scope, 0, 1, 0, 0, 0, 0, 0, 0, withdrawal_id, max(allowed_at_ms)
    FROM (SELECT ${scope} AS scope, withdrawal_id, allowed_at_ms FROM withdrawals WHERE ${belongs})
    GROUP BY scope
    ON CONFLICT (scope) DO UPDATE SET journaled = 1, last_allow_id = excluded.last_allow_id,
      last_allow_ms = excluded.last_allow_ms;
  UPDATE scopes SET last_allow_id = NULL WHERE last_allow_ms IS NULL;
  UPDATE scopes SET other_allow_ms = others.at_ms
    FROM (
      SELECT scope AS of_scope, max(allowed_at_ms) AS at_ms
      FROM (SELECT ${scope} AS scope, withdrawal_id, allowed_at_ms FROM withdrawals WHERE ${belongs})
        JOIN scopes USING (scope)
      WHERE withdrawal_id IS NOT last_allow_id GROUP BY scope
    ) AS others WHERE of_scope = scope;
  UPDATE scopes SET newest_ms = at_ms, (${SUMS}) = (${SUM_COLUMNS.map((c) => `sums.${c}`).join(", ")})
    FROM (
      SELECT scope AS of_scope, max(at_ms) AS at_ms, ${SUMS} FROM running_sums GROUP BY scope
    ) AS sums WHERE of_scope = scope;`;

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
];

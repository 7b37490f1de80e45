/** The fourth version of the tables: payments, reservations, compact rows, an identity, and a journal of every scope. */
import { journalsOf, SUM_COLUMNS } from "./sums.js";

const columns = (type: string, prefix = "") =>
  SUM_COLUMNS.map((column) => `${prefix}${column} ${type}`).join(", ");
const SUMS = SUM_COLUMNS.join(", ");

/** Where the global scope has no journal yet, it gets one: the condition must not change while it is entered. */
const ENTER_GLOBAL_JOURNAL = `
  CREATE TABLE unjournaled AS SELECT 1 AS yes
    WHERE NOT EXISTS (SELECT 1 FROM scopes WHERE scope = 'global' AND journaled = 1);
  ${journalsOf("'global'", "EXISTS (SELECT 1 FROM unjournaled)")}
  DROP TABLE unjournaled;`;

/** Settled payments whose state can go; one of several payouts keeps the list of them, for a second transaction. */
export const SHRINKABLE = `status IN (3, 4) AND state IS NOT NULL AND instr(state, '"payouts":') = 0`;

const TABLES = `
  CREATE TABLE ledger (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    ledger_id TEXT NOT NULL CHECK (length(ledger_id) = 32),
    epoch INTEGER NOT NULL CHECK (epoch > 0),
    path TEXT,
    pruned_seq INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE payments (
    row INTEGER PRIMARY KEY,
    withdrawal_id TEXT NOT NULL UNIQUE,
    payment_id TEXT,
    wallet_id TEXT NOT NULL,
    account_id TEXT,
    amount INTEGER NOT NULL CHECK (amount > 0),
    content_hash BLOB NOT NULL CHECK (length(content_hash) = 32),
    status INTEGER NOT NULL CHECK (status BETWEEN 0 AND 4),
    counts INTEGER NOT NULL CHECK (counts BETWEEN 0 AND 3),
    counted_at_ms INTEGER CHECK ((counted_at_ms IS NULL) = (counts = 0)),
    allowed_at_ms INTEGER,
    txid BLOB CHECK (length(txid) = 32),
    state TEXT
  ) STRICT;

  CREATE TABLE scopes_4 (
    number INTEGER PRIMARY KEY,
    scope TEXT NOT NULL UNIQUE,
    time_ms INTEGER NOT NULL,
    last_allow_id TEXT,
    last_allow_ms INTEGER,
    other_allow_ms INTEGER,
    attempted_ms INTEGER,
    main_ms INTEGER,
    ${columns("INTEGER NOT NULL DEFAULT 0", "main_")},
    main_corrected_ms INTEGER,
    reserved_ms INTEGER,
    ${columns("INTEGER NOT NULL DEFAULT 0", "reserved_")},
    reserved_corrected_ms INTEGER
  ) STRICT;

  CREATE TABLE running_sums_4 (
    journal INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    ${columns("INTEGER NOT NULL")},
    PRIMARY KEY (journal, at_ms)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE corrections_4 (
    journal INTEGER NOT NULL,
    level INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    ${columns("INTEGER NOT NULL")},
    PRIMARY KEY (journal, level, bucket)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE freezes_4 (
    scope TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('risk', 'limit', 'operator')),
    cause_id TEXT NOT NULL,
    frozen_at_ms INTEGER NOT NULL,
    last_at_ms INTEGER NOT NULL,
    count INTEGER NOT NULL CHECK (count > 0),
    operator TEXT,
    reason TEXT NOT NULL,
    PRIMARY KEY (scope, kind, cause_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE attempts_4 (
    scope INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (scope, at_ms)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE account_freezes (
    wallet_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    last_at_ms INTEGER NOT NULL,
    PRIMARY KEY (wallet_id, account_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE destinations (
    owner TEXT NOT NULL,
    script TEXT NOT NULL,
    shape TEXT,
    known_at_ms INTEGER NOT NULL,
    approved INTEGER NOT NULL CHECK (approved IN (0, 1)),
    lookalike INTEGER NOT NULL CHECK (lookalike IN (0, 1)),
    free_used INTEGER NOT NULL,
    PRIMARY KEY (owner, script)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE policies (
    name TEXT PRIMARY KEY,
    version TEXT NOT NULL,
    generation INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE records_4 (
    seq INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    record TEXT NOT NULL
  ) STRICT;`;

const CARRY_OVER = `
  INSERT INTO ledger
    SELECT 1, lower(hex(randomblob(16))), 1, NULL,
      coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'records'), 0);
  INSERT INTO payments
    SELECT rowid, withdrawal_id, NULL, wallet_id, account_id, amount, unhex(content_hash),
      CASE status WHEN 'open' THEN 0 WHEN 'reserved' THEN 2 WHEN 'committed' THEN 3 WHEN 'released' THEN 4 END,
      CASE counts WHEN 'nothing' THEN 0 WHEN 'allowed' THEN 1 WHEN 'asked' THEN 3 END,
      counted_at_ms, allowed_at_ms, unhex(txid), answer
    FROM withdrawals ORDER BY rowid;
  INSERT INTO scopes_4 (scope, time_ms, last_allow_id, last_allow_ms, other_allow_ms, attempted_ms,
      main_ms, ${SUM_COLUMNS.map((column) => `main_${column}`).join(", ")}, main_corrected_ms)
    SELECT scope, time_ms, last_allow_id, last_allow_ms, other_allow_ms, attempted_ms,
      newest_ms, ${SUMS}, corrected_ms FROM scopes;
  INSERT INTO running_sums_4 SELECT number * 2, at_ms, ${SUMS}
    FROM scopes_4 CROSS JOIN running_sums USING (scope) ORDER BY 1, 2;
  INSERT INTO corrections_4 SELECT number * 2, level, bucket, ${SUMS}
    FROM scopes_4 CROSS JOIN corrections USING (scope) ORDER BY 1, 2, 3;
  INSERT INTO freezes_4
    SELECT scope, kind, cause_id, frozen_at_ms, last_at_ms, count, operator, reason FROM (
      SELECT *, scope_type || CASE scope_type WHEN 'global' THEN '' ELSE ':' || scope_id END AS scope,
        row_number() OVER (PARTITION BY scope_type, scope_id, kind ORDER BY frozen_at_ms, cause_id) AS place,
        max(frozen_at_ms) OVER (PARTITION BY scope_type, scope_id, kind) AS last_at_ms,
        count(*) OVER (PARTITION BY scope_type, scope_id, kind) AS count
      FROM freezes WHERE kind <> 'operator'
    ) WHERE place = 1;
  INSERT INTO freezes_4
    SELECT scope_type || CASE scope_type WHEN 'global' THEN '' ELSE ':' || scope_id END, kind,
      cause_id, frozen_at_ms, frozen_at_ms, 1, operator, reason
    FROM freezes WHERE kind = 'operator';
  INSERT INTO attempts_4 SELECT number, at_ms, count(*)
    FROM attempts JOIN scopes_4 USING (scope) GROUP BY 1, 2;
  INSERT INTO records_4 SELECT seq, at_ms, kind, record FROM records ORDER BY seq;`;

const RENAME = `
  DROP TABLE withdrawals;
  ${["scopes", "running_sums", "corrections", "freezes", "attempts", "records"]
    .map((table) => `DROP TABLE ${table}; ALTER TABLE ${table}_4 RENAME TO ${table};`)
    .join("\n  ")}
  CREATE INDEX unsettled ON payments (withdrawal_id) WHERE status IN (1, 2) AND payment_id IS NULL;
  CREATE INDEX settled ON payments (coalesce(counted_at_ms, allowed_at_ms, 0)) WHERE ${SHRINKABLE};
  CREATE INDEX freezes_latest ON freezes (scope, kind, last_at_ms);
  CREATE INDEX freezes_cause ON freezes (cause_id);
  CREATE INDEX account_freezes_latest ON account_freezes (wallet_id, last_at_ms);
  CREATE INDEX destinations_shape ON destinations (owner, shape, script) WHERE shape IS NOT NULL;`;

/** From the third version; the work of one transaction. */
export const COMPACT_SCHEMA = `${ENTER_GLOBAL_JOURNAL}${TABLES}${CARRY_OVER}${RENAME}`;

/**
 * Tables of schema 3, made out of those of schema 2: payments of several rows, claims, one row for each automatic
 * freeze, destinations, policies, the ledger's identity, locks.
 *
 * A journal of reservations is a row of `scopes` as well, `reserved/` before the scope's key. Rows of `locks` are
 * never changed, only locked, so that waiters queue.
 */
import { SHRINKABLE, SUM_FIELDS } from "./columns.js";

const WITHDRAWALS = `
  DROP FUNCTION read_ledger(jsonb), write_ledger(jsonb), write_rare(jsonb), accept_clock(jsonb), take_locks(jsonb, integer),
    last_over(jsonb), number_records(), enter_global_journal(), sum_after(text, bigint);
  DO $$
  DECLARE
    one record;
  BEGIN
    FOR one IN SELECT conname FROM pg_constraint WHERE conrelid = 'withdrawals'::regclass AND contype = 'c' LOOP
      EXECUTE format('ALTER TABLE withdrawals DROP CONSTRAINT %I', one.conname);
    END LOOP;
  END $$;
  ALTER TABLE withdrawals RENAME COLUMN answer TO state;
  -- Null: the payment is the withdrawal itself.
  ALTER TABLE withdrawals ADD COLUMN payment_id text, ALTER COLUMN amount TYPE numeric;
  -- An ALLOW of the older versions was the permission to sign.
  UPDATE withdrawals SET status = 'claimed' WHERE status = 'reserved';
  ALTER TABLE withdrawals ADD CHECK (amount > 0),
    ADD CHECK (status IN ('open', 'reserved', 'claimed', 'committed', 'released')),
    ADD CHECK (counts IN ('allowed', 'reserved', 'asked', 'nothing')),
    ADD CHECK ((counted_at_ms IS NULL) = (counts = 'nothing'));
  CREATE INDEX withdrawals_unsettled ON withdrawals (withdrawal_id COLLATE "C")
    WHERE status IN ('reserved', 'claimed') AND payment_id IS NULL;
  CREATE INDEX withdrawals_settled ON withdrawals ((coalesce(counted_at_ms, allowed_at_ms, 0)))
    WHERE ${SHRINKABLE};`;

const FREEZES = `
  ALTER TABLE freezes ADD COLUMN last_at_ms bigint, ADD COLUMN count bigint NOT NULL DEFAULT 1;
  UPDATE freezes f SET last_at_ms = m.last_at_ms, count = m.count
    FROM (
      SELECT scope_type, scope_id, kind, max(frozen_at_ms) AS last_at_ms, count(*) AS count,
        (array_agg(cause_id ORDER BY frozen_at_ms, cause_id))[1] AS cause_id
      FROM freezes WHERE kind <> 'operator' GROUP BY scope_type, scope_id, kind
    ) m
    WHERE f.scope_type = m.scope_type AND f.scope_id = m.scope_id AND f.kind = m.kind AND f.cause_id = m.cause_id;
  DELETE FROM freezes WHERE kind <> 'operator' AND last_at_ms IS NULL;
  UPDATE freezes SET last_at_ms = frozen_at_ms WHERE last_at_ms IS NULL;
  ALTER TABLE freezes ALTER COLUMN last_at_ms SET NOT NULL,
    ADD COLUMN scope text COLLATE "C" GENERATED ALWAYS AS
      (CASE scope_type WHEN 'global' THEN 'global' ELSE scope_type || ':' || scope_id END) STORED,
    ADD COLUMN key text COLLATE "C" GENERATED ALWAYS AS
      (CASE scope_type WHEN 'global' THEN 'global' ELSE scope_type || ':' || scope_id END
        || E'\\n' || kind || E'\\n' || cause_id) STORED;
  CREATE UNIQUE INDEX freezes_automatic ON freezes (scope_type, scope_id, kind) WHERE kind <> 'operator';
  CREATE UNIQUE INDEX freezes_key ON freezes (key);
  CREATE INDEX freezes_latest ON freezes (scope, kind, last_at_ms);`;

const KNOWN = `
  CREATE TABLE destinations (
    owner text NOT NULL,
    script text NOT NULL,
    shape text,
    known_at_ms bigint NOT NULL,
    approved boolean NOT NULL,
    lookalike boolean NOT NULL,
    free_used numeric NOT NULL,
    PRIMARY KEY (owner, script)
  );
  CREATE INDEX destinations_shape ON destinations (owner, shape, script) WHERE shape IS NOT NULL;
  CREATE TABLE policies (name text PRIMARY KEY, version text NOT NULL, generation bigint NOT NULL);
  -- When an account was last frozen: accounts are counted, not freezes.
  CREATE TABLE account_freezes (
    wallet_id text NOT NULL, account_id text NOT NULL, at_ms bigint NOT NULL, PRIMARY KEY (wallet_id, account_id)
  );
  CREATE INDEX account_freezes_wallet ON account_freezes (wallet_id, at_ms);`;

const LEDGER = `
  CREATE TABLE locks (key text COLLATE "C" PRIMARY KEY);
  INSERT INTO locks VALUES ('global'), ('fill');
  CREATE TABLE ledger (
    id integer PRIMARY KEY CHECK (id = 1),
    ledger_id text NOT NULL,
    epoch bigint NOT NULL,
    -- Whether the global journal holds all that counts; until then it is built beside everything else.
    is_global_kept boolean NOT NULL,
    pruned_seq bigint NOT NULL DEFAULT 0,
    pruned_entry bigint NOT NULL DEFAULT 0
  );
  INSERT INTO ledger (id, ledger_id, epoch, is_global_kept)
    SELECT 1, replace(gen_random_uuid()::text, '-', ''), 1,
      EXISTS (SELECT 1 FROM scopes WHERE scope = 'global' AND journaled)
        OR NOT EXISTS (SELECT 1 FROM withdrawals WHERE counts <> 'nothing' OR allowed_at_ms IS NOT NULL);
  ALTER TABLE scopes DROP COLUMN journaled;
  -- What counts globally and was entered without the global lock.
  CREATE TABLE global_entries (
    entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    journal text NOT NULL,
    at_ms bigint NOT NULL,
    ${SUM_FIELDS},
    payment_id text,
    allowed_at_ms bigint
  );
  -- How far the sums of a scope are pruned.
  CREATE TABLE pruned (scope text PRIMARY KEY, through_ms bigint NOT NULL);`;

/** The tables of schema 3. */
export const TABLES = [WITHDRAWALS, FREEZES, KNOWN, LEDGER].join("\n");

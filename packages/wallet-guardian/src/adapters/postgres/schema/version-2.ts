/** The first two versions of the PostgreSQL ledger's schema, as they were released; a released one never changes. */

import { ACCEPTANCE } from "./version-2-accept-clock.js";

const SUMS = ["allowed", "allowed_count", "asked", "asked_count"] as const;
const SUM_TYPES = {
  allowed: "numeric",
  allowed_count: "bigint",
  asked: "numeric",
  asked_count: "bigint",
};
const SUM_FIELDS = SUMS.map((sum) => `${sum} ${SUM_TYPES[sum]}`).join(", ");
const SUM_TABLE = SUMS.map((sum) => `${sum} ${SUM_TYPES[sum]} NOT NULL`).join(", ");
const SUM_LIST = SUMS.join(", ");
const excluded = (columns: readonly string[]) =>
  columns.map((column) => `${column} = excluded.${column}`).join(", ");

const STATE = ["status", "counts", "counted_at_ms", "allowed_at_ms", "txid", "answer"] as const;
const SCOPE_STATE = [
  "time_ms",
  "journaled",
  "newest_ms",
  ...SUMS,
  "corrected_ms",
  "last_allow_id",
  "last_allow_ms",
  "other_allow_ms",
] as const;
const WITHDRAWAL_FIELDS = `withdrawal_id text, wallet_id text, account_id text, amount bigint,
  content_hash text, status text, counts text, counted_at_ms bigint, allowed_at_ms bigint,
  txid text, answer text`;

/**
 * A plan made while the tables were empty reads them from end to end, and a connection keeps it:
 * every statement finds its rows by their keys, whatever the statistics say.
 */
const BY_KEY = ["seqscan", "bitmapscan", "hashjoin", "mergejoin"]
  .map((way) => `SET enable_${way} = off`)
  .join(" ");

const TABLES = `
  CREATE TABLE withdrawals (
    withdrawal_id text PRIMARY KEY,
    wallet_id text NOT NULL,
    account_id text,
    amount bigint NOT NULL CHECK (amount > 0),
    content_hash text NOT NULL,
    status text NOT NULL CHECK (status IN ('open', 'reserved', 'committed', 'released')),
    counts text NOT NULL CHECK (counts IN ('allowed', 'asked', 'nothing')),
    counted_at_ms bigint CHECK ((counted_at_ms IS NULL) = (counts = 'nothing')),
    allowed_at_ms bigint,
    txid text,
    answer text,
    CHECK (status NOT IN ('reserved', 'committed') OR counts = 'allowed'),
    CHECK ((txid IS NOT NULL) = (status = 'committed'))
  );
  CREATE TABLE scopes (
    scope text PRIMARY KEY,
    time_ms bigint NOT NULL DEFAULT 0,
    journaled boolean NOT NULL DEFAULT false,
    newest_ms bigint,
    ${SUMS.map((sum) => `${sum} ${SUM_TYPES[sum]} NOT NULL DEFAULT 0`).join(", ")},
    corrected_ms bigint,
    last_allow_id text,
    last_allow_ms bigint,
    other_allow_ms bigint,
    attempted_ms bigint
  ) WITH (fillfactor = 50);
  CREATE TABLE running_sums (
    scope text NOT NULL, at_ms bigint NOT NULL, ${SUM_TABLE}, PRIMARY KEY (scope, at_ms)
  );
  CREATE TABLE corrections (
    scope text NOT NULL, level integer NOT NULL, bucket bigint NOT NULL, ${SUM_TABLE},
    PRIMARY KEY (scope, level, bucket)
  );
  CREATE TABLE freezes (
    scope_type text NOT NULL CHECK (scope_type IN ('account', 'wallet', 'global')),
    scope_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('risk', 'limit', 'operator')),
    cause_id text NOT NULL,
    frozen_at_ms bigint NOT NULL,
    operator text,
    reason text NOT NULL,
    PRIMARY KEY (scope_type, scope_id, kind, cause_id)
  );
  CREATE INDEX freezes_cause ON freezes (cause_id);
  CREATE TABLE attempts (scope text NOT NULL, at_ms bigint NOT NULL);
  CREATE INDEX attempts_scope ON attempts (scope, at_ms);
  CREATE TABLE records (
    entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    seq bigint UNIQUE,
    at_ms bigint NOT NULL,
    kind text NOT NULL,
    record text NOT NULL
  );
  CREATE INDEX records_unnumbered ON records (entry) WHERE seq IS NULL;`;

const CLOCK = `
  CREATE FUNCTION now_ms() RETURNS bigint LANGUAGE sql VOLATILE AS
    $$ SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;`;

/** Locks of the transaction, in the order of their keys: every transaction has the same. */
const LOCKS = `
  CREATE FUNCTION take_locks(asked jsonb, max_wait_ms integer) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE
    one record;
    deadline timestamptz := clock_timestamp() + max_wait_ms * interval '1 millisecond';
    left_ms integer;
  BEGIN
    -- A host that is gone without a word gives its locks back.
    PERFORM set_config('idle_in_transaction_session_timeout', '10000', true);
    IF current_setting('synchronous_commit') IN ('off', 'local') THEN
      PERFORM set_config('synchronous_commit', 'on', true);
    END IF;
    FOR one IN
      SELECT hashtextextended(current_schema() || '/' || key, 0) AS lock, bool_or(exclusive) AS exclusive
      FROM jsonb_to_recordset(asked) AS asked (key text, exclusive boolean)
      GROUP BY 1 ORDER BY 1
    LOOP
      IF one.exclusive AND pg_try_advisory_xact_lock(one.lock) THEN CONTINUE; END IF;
      IF NOT one.exclusive AND pg_try_advisory_xact_lock_shared(one.lock) THEN CONTINUE; END IF;
      left_ms := ceil(extract(epoch FROM deadline - clock_timestamp()) * 1000);
      PERFORM set_config('lock_timeout', greatest(left_ms, 1)::text, true);
      IF one.exclusive THEN PERFORM pg_advisory_xact_lock(one.lock);
      ELSE PERFORM pg_advisory_xact_lock_shared(one.lock);
      END IF;
    END LOOP;
  END $$;`;

/** The arithmetic of \`internal/window-journal.ts\`. */
const WINDOWS = `
  CREATE FUNCTION sum_after(of_scope text, after_ms bigint, ${SUMS.map((sum) => `OUT ${sum} ${SUM_TYPES[sum]}`).join(", ")})
  LANGUAGE plpgsql STABLE AS $$
  DECLARE
    newest record;
    edge record;
    part record;
    fanout CONSTANT bigint := 64;
    depth integer := 0;
    size bigint := 1;
    last_bucket bigint;
  BEGIN
    SELECT 0, 0, 0, 0 INTO ${SUM_LIST};
    SELECT s.* INTO newest FROM scopes s WHERE s.scope = of_scope;
    IF newest.newest_ms > after_ms THEN
      SELECT r.* INTO edge FROM running_sums r
        WHERE r.scope = of_scope AND r.at_ms <= after_ms ORDER BY r.at_ms DESC LIMIT 1;
      SELECT ${SUMS.map((sum) => `newest.${sum} - coalesce(edge.${sum}, 0)`).join(", ")} INTO ${SUM_LIST};
    END IF;
    IF newest.corrected_ms > after_ms THEN
      WHILE depth < 7 LOOP
        last_bucket := newest.corrected_ms / size;
        IF depth < 6 THEN
          last_bucket := least(last_bucket, (after_ms / (size * fanout) + 1) * fanout - 1);
        END IF;
        SELECT ${SUMS.map((sum) => `coalesce(sum(c.${sum}), 0) AS ${sum}`).join(", ")} INTO part FROM corrections c
          WHERE c.scope = of_scope AND c.level = depth
            AND c.bucket BETWEEN after_ms / size + 1 AND last_bucket;
        SELECT ${SUMS.map((sum) => `sum_after.${sum} + part.${sum}`).join(", ")} INTO ${SUM_LIST};
        depth := depth + 1;
        size := size * fanout;
      END LOOP;
    END IF;
  END $$;

  CREATE FUNCTION last_over(question jsonb) RETURNS bigint LANGUAGE plpgsql STABLE
  SET search_path FROM CURRENT ${BY_KEY} AS $$
  DECLARE
    still_over bigint := question ->> 'since_ms';
    fits bigint;
    middle bigint;
    total record;
    newest record;
    leaving bigint;
    edge bigint;
    with_asked boolean := question ->> 'with_asked';
    keep_amount numeric := question ->> 'keep_amount';
    keep_count bigint := question ->> 'keep_count';
    own_ms bigint := question ->> 'own_ms';
    own_amount numeric := question ->> 'own_amount';
    amount numeric;
    count bigint;
  BEGIN
    SELECT s.* INTO newest FROM scopes s WHERE s.scope = question ->> 'scope';
    fits := greatest(newest.newest_ms, newest.corrected_ms, still_over + 1);
    -- Mostly few have to leave: those next to the edge are looked at before the window is halved.
    IF own_ms IS NULL AND coalesce(newest.corrected_ms, 0) <= still_over THEN
      SELECT min(at_ms) FILTER (WHERE NOT is_over), max(at_ms) FILTER (WHERE is_over) INTO leaving, edge FROM (
        SELECT at_ms, coalesce(newest.allowed - allowed + CASE WHEN with_asked THEN newest.asked - asked ELSE 0 END
            > keep_amount, false)
          OR coalesce(newest.allowed_count - allowed_count
            + CASE WHEN with_asked THEN newest.asked_count - asked_count ELSE 0 END > keep_count, false) AS is_over
        FROM running_sums WHERE scope = question ->> 'scope' AND at_ms > still_over ORDER BY at_ms LIMIT 64
      ) AS next_to_leave;
      IF leaving IS NOT NULL THEN RETURN leaving; END IF;
      still_over := coalesce(edge, still_over);
    END IF;
    WHILE fits - still_over > 1 LOOP
      middle := (still_over + fits) / 2;
      SELECT * INTO total FROM sum_after(question ->> 'scope', middle);
      amount := total.allowed + CASE WHEN with_asked THEN total.asked ELSE 0 END;
      count := total.allowed_count + CASE WHEN with_asked THEN total.asked_count ELSE 0 END;
      IF own_ms > middle THEN
        amount := amount - own_amount;
        count := count - 1;
      END IF;
      IF amount > keep_amount OR count > keep_count THEN still_over := middle;
      ELSE fits := middle;
      END IF;
    END LOOP;
    RETURN fits;
  END $$;

  CREATE FUNCTION enter_global_journal() RETURNS void LANGUAGE sql
  SET search_path FROM CURRENT AS $$
    INSERT INTO running_sums
      SELECT 'global', at_ms, ${SUMS.map((sum) => `sum(${sum}) OVER (ORDER BY at_ms)`).join(", ")} FROM (
        SELECT counted_at_ms AS at_ms,
          coalesce(sum(amount) FILTER (WHERE counts = 'allowed'), 0) AS allowed,
          count(*) FILTER (WHERE counts = 'allowed') AS allowed_count,
          coalesce(sum(amount) FILTER (WHERE counts = 'asked'), 0) AS asked,
          count(*) FILTER (WHERE counts = 'asked') AS asked_count
        FROM withdrawals WHERE counts <> 'nothing' GROUP BY 1
      ) AS entries;
    INSERT INTO scopes (scope, journaled) VALUES ('global', true)
      ON CONFLICT (scope) DO UPDATE SET journaled = true;
    UPDATE scopes s SET newest_ms = r.at_ms, ${SUMS.map((sum) => `${sum} = r.${sum}`).join(", ")}
      FROM (SELECT * FROM running_sums WHERE scope = 'global' ORDER BY at_ms DESC LIMIT 1) r
      WHERE s.scope = 'global';
    UPDATE scopes s SET last_allow_id = l.ids[1], last_allow_ms = l.times[1], other_allow_ms = l.times[2]
      FROM (
        SELECT array_agg(withdrawal_id ORDER BY allowed_at_ms DESC) AS ids,
          array_agg(allowed_at_ms ORDER BY allowed_at_ms DESC) AS times
        FROM (SELECT * FROM withdrawals WHERE allowed_at_ms IS NOT NULL
          ORDER BY allowed_at_ms DESC LIMIT 2) AS latest
      ) l WHERE s.scope = 'global';
  $$;`;

/** One call reads all that a group of steps needs, after the locks: each statement sees what was committed until then. */
const readsOf = (create: string, frozen: string, more: string): string => `
  ${create} read_ledger(question jsonb) RETURNS text LANGUAGE plpgsql
  SET search_path FROM CURRENT ${BY_KEY} AS $$
  DECLARE
    clock bigint;
    answer jsonb;
  BEGIN
    PERFORM take_locks(question -> 'locks', (question ->> 'max_wait_ms')::integer);
    clock := now_ms();
    SELECT jsonb_build_object(
      'now_ms', clock,${more}
      'withdrawals', (SELECT coalesce(jsonb_agg(to_jsonb(w) || jsonb_build_object('amount', w.amount::text)), '[]')
        FROM jsonb_array_elements_text(question -> 'ids') AS id JOIN withdrawals w ON w.withdrawal_id = id),
      'scopes', (SELECT coalesce(jsonb_agg(to_jsonb(s) || jsonb_build_object(
          'allowed', s.allowed::text, 'asked', s.asked::text)), '[]')
        FROM jsonb_array_elements_text(question -> 'scopes') AS key JOIN scopes s ON s.scope = key),
      'frozen', ${frozen},
      'windows', (SELECT coalesce(jsonb_agg(jsonb_build_object('scope', q.scope, 'since_ms', q.since_ms,
          'allowed', u.allowed::text, 'allowed_count', u.allowed_count,
          'asked', u.asked::text, 'asked_count', u.asked_count)), '[]')
        FROM (SELECT DISTINCT scope, coalesce(now_ms, clock) - window_ms AS since_ms
          FROM jsonb_to_recordset(question -> 'windows') AS a (scope text, now_ms bigint, window_ms bigint)) q,
          LATERAL sum_after(q.scope, q.since_ms) u)
    ) INTO answer;
    RETURN answer::text;
  END $$;`;

const WRITES = `
  CREATE FUNCTION write_ledger(given jsonb) RETURNS void LANGUAGE plpgsql
  SET search_path FROM CURRENT AS $$
  BEGIN
    INSERT INTO withdrawals
      SELECT * FROM jsonb_to_recordset(given -> 'withdrawals') AS w (${WITHDRAWAL_FIELDS})
      ON CONFLICT (withdrawal_id) DO UPDATE SET ${excluded(STATE)};
    INSERT INTO running_sums
      SELECT * FROM jsonb_to_recordset(given -> 'entries') AS e (scope text, at_ms bigint, ${SUM_FIELDS})
      ON CONFLICT (scope, at_ms) DO UPDATE SET ${excluded(SUMS)};
    INSERT INTO scopes (scope, ${SCOPE_STATE.join(", ")})
      SELECT * FROM jsonb_to_recordset(given -> 'scopes') AS s (scope text, time_ms bigint,
        journaled boolean, newest_ms bigint, ${SUM_FIELDS}, corrected_ms bigint,
        last_allow_id text, last_allow_ms bigint, other_allow_ms bigint)
      ON CONFLICT (scope) DO UPDATE SET ${excluded(SCOPE_STATE)};
    INSERT INTO records (at_ms, kind, record)
      SELECT at_ms, kind, record
      FROM jsonb_array_elements(given -> 'records') WITH ORDINALITY AS all_records (one, place),
        LATERAL jsonb_to_record(one) AS r (at_ms bigint, kind text, record text)
      ORDER BY place;
    IF given -> 'corrections' <> '[]' THEN
      INSERT INTO corrections AS c
        SELECT scope, level, bucket, ${SUMS.map((sum) => `sum(${sum})`).join(", ")}
        FROM jsonb_to_recordset(given -> 'corrections') AS n (scope text, level integer, bucket bigint, ${SUM_FIELDS})
        GROUP BY scope, level, bucket
        ON CONFLICT (scope, level, bucket) DO UPDATE SET
          ${SUMS.map((sum) => `${sum} = c.${sum} + excluded.${sum}`).join(", ")};
    END IF;
    IF given -> 'rare' <> '{}' THEN PERFORM write_rare(given -> 'rare'); END IF;
  END $$;

  CREATE FUNCTION write_rare(given jsonb) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    DELETE FROM freezes f USING jsonb_to_recordset(given -> 'lifts') AS l (cause_id text, type text, id text, kinds jsonb)
      WHERE f.cause_id = l.cause_id
        OR (f.scope_type = l.type AND f.scope_id = l.id AND l.kinds ? f.kind);
    INSERT INTO freezes
      SELECT type, id, kind, cause_id, frozen_at_ms, operator, reason
      FROM jsonb_to_recordset(given -> 'freezes') AS n (type text, id text, kind text, cause_id text,
        frozen_at_ms bigint, operator text, reason text)
      ON CONFLICT DO NOTHING;
    DELETE FROM attempts WHERE given -> 'new_series' ? scope;
    UPDATE scopes SET attempted_ms = NULL WHERE given -> 'new_series' ? scope;
    INSERT INTO attempts SELECT scope, (given ->> 'now_ms')::bigint
      FROM jsonb_array_elements_text(given -> 'attempts') AS scope;
    INSERT INTO scopes AS s (scope, attempted_ms)
      SELECT scope, (given ->> 'now_ms')::bigint
      FROM jsonb_array_elements_text(given -> 'attempts') AS scope
      ON CONFLICT (scope) DO UPDATE SET attempted_ms = greatest(s.attempted_ms, excluded.attempted_ms);
  END $$;

  CREATE FUNCTION number_records() RETURNS void LANGUAGE plpgsql
  SET search_path FROM CURRENT AS $$
  BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(current_schema() || '/records', 0));
    UPDATE records r SET seq = n.seq
      FROM (
        SELECT entry, row_number() OVER (ORDER BY entry) + (SELECT coalesce(max(seq), 0) FROM records) AS seq
        FROM records WHERE seq IS NULL
      ) n WHERE r.entry = n.entry;
  END $$;`;

const FROZEN_ROWS = `(SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_object('scope', key, 'kind', f.kind)), '[]')
        FROM jsonb_array_elements_text(question -> 'scopes') AS key
        JOIN freezes f ON f.scope_type = split_part(key, ':', 1)
          AND f.scope_id = CASE key WHEN 'global' THEN key ELSE substr(key, strpos(key, ':') + 1) END)`;

/** One look-up for each scope and kind, however many causes a scope is frozen for. */
const FROZEN_KINDS = `(SELECT coalesce(jsonb_agg(jsonb_build_object('scope', key, 'kind', k.kind)), '[]')
        FROM jsonb_array_elements_text(question -> 'scopes') AS key,
          (VALUES ('risk'), ('limit'), ('operator')) AS k (kind)
        WHERE EXISTS (SELECT 1 FROM freezes f WHERE f.scope_type = split_part(key, ':', 1)
          AND f.scope_id = CASE key WHEN 'global' THEN key ELSE substr(key, strpos(key, ':') + 1) END
          AND f.kind = k.kind))`;

/** By its key: any other way of reading is priced so high (see `BY_KEY`) that the server would compile the plan, for 300 ms. */
const READ_ACCEPTED = `
      'accepted', (SELECT jsonb_build_object('count', accepted, 'at_ms', accepted_ms) FROM clock WHERE id = 1),`;

/** Applied in order, each once, with the ledger's schema first on the search path. */
export const FIRST_MIGRATIONS: readonly string[] = [
  [TABLES, CLOCK, LOCKS, WINDOWS, readsOf("CREATE FUNCTION", FROZEN_ROWS, ""), WRITES].join("\n"),
  [ACCEPTANCE, readsOf("CREATE OR REPLACE FUNCTION", FROZEN_KINDS, READ_ACCEPTED)].join("\n"),
];

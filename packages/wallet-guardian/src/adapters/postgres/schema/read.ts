/** Functions of the PostgreSQL ledger's schema that lock and read. */
import { BY_KEY, eachSum, SUM_FIELDS, SUM_LIST } from "./columns.js";
import { WITHDRAWAL } from "./lists.js";

/**
 * Locks are rows and tables of the ledger's own, which no role can take without a right to change them. The global
 * lock comes first; its holder waits for no other scope. A transaction that waits for accounts and a wallet takes them in the
 * order of their keys, and no global one. Every transaction shares the table's lock, which acceptance of the clock
 * takes alone.
 */
export const LOCKS = `
  CREATE FUNCTION begin_step(max_wait_ms integer) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM set_config('lock_timeout', greatest(max_wait_ms, 1)::text, true);
    -- A host that is gone without a word gives its locks back.
    PERFORM set_config('idle_in_transaction_session_timeout', '10000', true);
  END $$;

  CREATE FUNCTION lock_keys(keys text[], is_patient boolean) RETURNS text[] LANGUAGE plpgsql
  SET search_path FROM CURRENT ${BY_KEY} AS $$
  DECLARE
    missing text[] := keys;
    found_keys text[];
    held text[] := '{}';
  BEGIN
    LOOP
      IF is_patient THEN
        SELECT coalesce(array_agg(l.key), '{}') INTO found_keys FROM
          (SELECT key FROM locks WHERE key = ANY (missing) ORDER BY key FOR UPDATE) l;
      ELSE
        SELECT coalesce(array_agg(l.key), '{}') INTO found_keys FROM
          (SELECT key FROM locks WHERE key = ANY (missing) ORDER BY key FOR UPDATE SKIP LOCKED) l;
        held := held || ARRAY(SELECT key FROM locks WHERE key = ANY (missing) AND key <> ALL (found_keys));
      END IF;
      missing := ARRAY(SELECT key FROM unnest(missing) AS key WHERE key <> ALL (found_keys) AND key <> ALL (held)
        ORDER BY key COLLATE "C");
      EXIT WHEN missing = '{}';
      WITH made AS (INSERT INTO locks SELECT key FROM unnest(missing) AS key ON CONFLICT DO NOTHING RETURNING key)
        SELECT coalesce(array_agg(key), '{}') INTO found_keys FROM made;
      missing := ARRAY(SELECT key FROM unnest(missing) AS key WHERE key <> ALL (found_keys));
      EXIT WHEN missing = '{}';
    END LOOP;
    RETURN held;
  END $$;

  -- Answers with the keys that another transaction holds.
  CREATE FUNCTION take_locks(given jsonb) RETURNS text[] LANGUAGE plpgsql
  SET search_path FROM CURRENT AS $$
  DECLARE
    keys text[] := ARRAY(SELECT jsonb_array_elements_text(given -> 'locks'));
  BEGIN
    LOCK TABLE locks IN ROW SHARE MODE;
    IF (given ->> 'global')::boolean THEN
      PERFORM lock_keys('{global}', true);
      IF EXISTS (SELECT FROM global_entries) AND (SELECT is_global_kept FROM ledger WHERE id = 1) THEN
        PERFORM fold_global(NULL);
      END IF;
    END IF;
    RETURN lock_keys(keys, (given ->> 'patient')::boolean);
  END $$;

  CREATE FUNCTION await_locks(given jsonb) RETURNS void LANGUAGE plpgsql
  SET search_path FROM CURRENT AS $$
  BEGIN
    PERFORM begin_step((given ->> 'max_wait_ms')::integer);
    PERFORM lock_keys(ARRAY(SELECT jsonb_array_elements_text(given -> 'locks')), true);
  END $$;

  -- A record of a transaction that commits durably: what was committed before is durable with it.
  CREATE FUNCTION make_durable() RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    IF current_setting('synchronous_commit') <> 'remote_apply' THEN
      PERFORM set_config('synchronous_commit', 'on', true);
    END IF;
    PERFORM pg_logical_emit_message(true, 'wallet-guardian', '');
  END $$;`;

/** The arithmetic of `ledger/prefix-sums.ts`. */
export const WINDOWS = `
  CREATE FUNCTION sum_after(of_journal text, after_ms bigint, ${SUM_FIELDS.split(", ")
    .map((field) => `OUT ${field}`)
    .join(", ")})
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
    SELECT s.* INTO newest FROM scopes s WHERE s.scope = of_journal;
    IF newest.newest_ms > after_ms THEN
      SELECT r.* INTO edge FROM running_sums r
        WHERE r.scope = of_journal AND r.at_ms <= after_ms ORDER BY r.at_ms DESC LIMIT 1;
      SELECT ${eachSum((sum) => `newest.${sum} - coalesce(edge.${sum}, 0)`)} INTO ${SUM_LIST};
    END IF;
    IF newest.corrected_ms > after_ms THEN
      WHILE depth < 7 LOOP
        last_bucket := newest.corrected_ms / size;
        IF depth < 6 THEN
          last_bucket := least(last_bucket, (after_ms / (size * fanout) + 1) * fanout - 1);
        END IF;
        SELECT ${eachSum((sum) => `coalesce(sum(c.${sum}), 0) AS ${sum}`)} INTO part FROM corrections c
          WHERE c.scope = of_journal AND c.level = depth
            AND c.bucket BETWEEN after_ms / size + 1 AND last_bucket;
        SELECT ${eachSum((sum) => `sum_after.${sum} + part.${sum}`)} INTO ${SUM_LIST};
        depth := depth + 1;
        size := size * fanout;
      END LOOP;
    END IF;
  END $$;

  -- When enough has left a window that is over.
  CREATE FUNCTION free_at(question jsonb) RETURNS bigint LANGUAGE plpgsql STABLE
  SET search_path FROM CURRENT ${BY_KEY} AS $$
  DECLARE
    of_scope text := question ->> 'scope';
    window_ms bigint := question ->> 'window_ms';
    still_over bigint := question ->> 'now_ms';
    fits bigint;
    middle bigint;
    newest record;
    reserved record;
    has_reserved boolean;
    leaving bigint;
    edge bigint;
    total record;
    kept record;
    own record;
    with_asked boolean := question ->> 'with_asked';
    keep_amount numeric := question ->> 'keep_amount';
    keep_count bigint := question ->> 'keep_count';
    has_own boolean := question -> 'own' <> '[]';
  BEGIN
    SELECT s.* INTO newest FROM scopes s WHERE s.scope = of_scope;
    SELECT s.* INTO reserved FROM scopes s WHERE s.scope = 'reserved/' || of_scope;
    has_reserved := coalesce(greatest(reserved.newest_ms, reserved.corrected_ms) > still_over, false);
    fits := greatest(greatest(newest.newest_ms, newest.corrected_ms, 0) + window_ms,
      reserved.newest_ms, reserved.corrected_ms, still_over + 1);
    -- Mostly few have to leave: those next to the edge are looked at before the window is halved.
    IF NOT has_own AND NOT has_reserved AND coalesce(newest.corrected_ms, 0) <= still_over - window_ms THEN
      SELECT min(at_ms) FILTER (WHERE NOT is_over), max(at_ms) FILTER (WHERE is_over) INTO leaving, edge FROM (
        SELECT at_ms, coalesce(newest.allowed - allowed + CASE WHEN with_asked THEN newest.asked - asked ELSE 0 END
            > keep_amount, false)
          OR coalesce(newest.allowed_count - allowed_count
            + CASE WHEN with_asked THEN newest.asked_count - asked_count ELSE 0 END > keep_count, false) AS is_over
        FROM running_sums WHERE scope = of_scope AND at_ms > still_over - window_ms ORDER BY at_ms LIMIT 64
      ) AS next_to_leave;
      IF leaving IS NOT NULL THEN RETURN leaving + window_ms; END IF;
      still_over := coalesce(edge + window_ms, still_over);
    END IF;
    WHILE fits - still_over > 1 LOOP
      middle := (still_over + fits) / 2;
      SELECT allowed + CASE WHEN with_asked THEN asked ELSE 0 END AS amount,
        allowed_count + CASE WHEN with_asked THEN asked_count ELSE 0 END AS count
        INTO total FROM sum_after(of_scope, middle - window_ms);
      SELECT 0::numeric AS amount, 0::bigint AS count INTO kept;
      IF has_reserved THEN
        SELECT allowed AS amount, allowed_count AS count INTO kept FROM sum_after('reserved/' || of_scope, middle);
      END IF;
      SELECT coalesce(sum(amount), 0) AS amount, coalesce(sum(count), 0) AS count INTO own
        FROM jsonb_to_recordset(question -> 'own') AS o (channel text, at_ms bigint, amount numeric, count bigint)
        WHERE at_ms > CASE channel WHEN 'main' THEN middle - window_ms ELSE middle END;
      IF total.amount + kept.amount - own.amount > keep_amount
        OR total.count + kept.count - own.count > keep_count THEN still_over := middle;
      ELSE fits := middle;
      END IF;
    END LOOP;
    RETURN fits;
  END $$;

  CREATE FUNCTION free_times(questions jsonb) RETURNS text LANGUAGE sql STABLE
  SET search_path FROM CURRENT AS $$
    SELECT coalesce(json_agg(free_at(question) ORDER BY place), '[]')::text
    FROM jsonb_array_elements(questions) WITH ORDINALITY AS asked (question, place)
  $$;`;

const rows = (expression: string, from: string): string =>
  `(SELECT coalesce(jsonb_agg(${expression}), '[]') FROM ${from})`;

const texts = (name: string): string => `jsonb_array_elements_text(question -> '${name}')`;

/** Each statement reads what was committed until it began: the locks are taken before. */
export const READ = `
  -- Which ledger this is, and which records it has of those that a process knows.
  CREATE FUNCTION ledger_state(known jsonb) RETURNS jsonb LANGUAGE plpgsql STABLE
  SET search_path FROM CURRENT ${BY_KEY} AS $$
  BEGIN
    RETURN (SELECT jsonb_build_object('version', (SELECT max(version) FROM schema_versions), 'ledger_id', ledger_id,
        'epoch', epoch, 'is_global_kept', is_global_kept, 'pruned_entry', pruned_entry,
        'records', (SELECT coalesce(jsonb_agg(jsonb_build_object('entry', entry, 'hash', md5(record))), '[]')
          FROM records WHERE entry = ANY (ARRAY(SELECT jsonb_array_elements_text(known)::bigint))))
      FROM ledger WHERE id = 1);
  END $$;

  CREATE FUNCTION snapshot(question jsonb, clock bigint) RETURNS jsonb LANGUAGE plpgsql
  SET search_path FROM CURRENT ${BY_KEY} AS $$
  BEGIN
    RETURN jsonb_build_object(
      'now_ms', clock,
      'state', ledger_state(question -> 'known_entries'),
      'accepted', (SELECT jsonb_build_object('count', accepted, 'at_ms', accepted_ms) FROM clock WHERE id = 1),
      'withdrawals', ${rows(
        WITHDRAWAL,
        `(SELECT * FROM withdrawals WHERE withdrawal_id = ANY (ARRAY(SELECT ${texts("ids")}))
        ORDER BY withdrawal_id FOR UPDATE) w`,
      )},
      'scopes', ${rows(
        `to_jsonb(s) || jsonb_build_object('allowed', s.allowed::text, 'asked', s.asked::text)`,
        `${texts("scopes")} AS key JOIN scopes s ON s.scope IN (key, 'reserved/' || key)`,
      )},
      'frozen', ${rows(
        `jsonb_build_object('scope', of_scope, 'kind', k.kind, 'last_at_ms', f.last_at_ms)`,
        `${texts("scopes")} AS of_scope, (VALUES ('risk'), ('limit'), ('operator')) AS k (kind),
          LATERAL (SELECT max(last_at_ms) AS last_at_ms FROM freezes WHERE scope = of_scope AND freezes.kind = k.kind) f
        WHERE f.last_at_ms IS NOT NULL AND EXISTS (SELECT FROM freezes WHERE scope = of_scope)`,
      )},
      'windows', ${rows(
        `jsonb_build_object('journal', q.journal, 'after_ms', q.after_ms, 'allowed', u.allowed::text,
          'allowed_count', u.allowed_count, 'asked', u.asked::text, 'asked_count', u.asked_count)`,
        `(
          SELECT scope AS journal, coalesce(now_ms, clock) - window_ms AS after_ms
          FROM jsonb_to_recordset(question -> 'windows') AS a (scope text, now_ms bigint, window_ms bigint)
          UNION SELECT s.scope, coalesce(now_ms, clock)
          FROM jsonb_to_recordset(question -> 'windows') AS a (scope text, now_ms bigint)
            JOIN scopes s ON s.scope = 'reserved/' || a.scope
          WHERE greatest(s.newest_ms, s.corrected_ms) > coalesce(now_ms, clock)
        ) q, LATERAL sum_after(q.journal, q.after_ms) u`,
      )},
      'attempts', ${rows(
        `jsonb_build_object('scope', q.scope, 'since_ms', q.since_ms, 'most', q.most, 'count', (SELECT count(*) FROM
          (SELECT FROM attempts t WHERE t.scope = q.scope AND t.at_ms > q.since_ms LIMIT q.most) c))`,
        `(SELECT DISTINCT a.scope, coalesce(now_ms, clock) - window_ms AS since_ms, most
          FROM jsonb_to_recordset(question -> 'attempts') AS a (scope text, now_ms bigint, window_ms bigint, most bigint)
            JOIN scopes s ON s.scope = a.scope
          WHERE s.attempted_ms > coalesce(now_ms, clock) - window_ms) q`,
      )},
      'destinations', ${rows(
        `jsonb_build_object('owner', a.owner, 'script', a.script, 'shape', a.shape,
          'stored', CASE WHEN d.owner IS NOT NULL THEN to_jsonb(d) || jsonb_build_object('free_used', d.free_used::text) END,
          'has_lookalike', EXISTS (SELECT FROM destinations o
            WHERE o.owner = a.owner AND o.shape = a.shape AND o.script <> a.script))`,
        `jsonb_to_recordset(question -> 'destinations') AS a (owner text, script text, shape text)
          LEFT JOIN destinations d ON d.owner = a.owner AND d.script = a.script`,
      )},
      'policies', ${rows("to_jsonb(p)", `${texts("policies")} AS asked JOIN policies p ON p.name = asked`)},
      'account_freezes', ${rows(
        `jsonb_build_object('wallet_id', asked, 'last_at_ms',
          (SELECT max(at_ms) FROM account_freezes a WHERE a.wallet_id = asked))`,
        `${texts("account_freezes")} AS asked`,
      )}
    );
  END $$;

  -- One call reads all that a group of steps needs. What it commits is made durable after its locks are given back.
  CREATE FUNCTION ledger_read(question jsonb) RETURNS text LANGUAGE plpgsql
  SET search_path FROM CURRENT AS $$
  DECLARE
    held text[];
  BEGIN
    PERFORM begin_step((question ->> 'max_wait_ms')::integer);
    PERFORM set_config('synchronous_commit', 'off', true);
    held := take_locks(question);
    RETURN (snapshot(question, now_ms()) || jsonb_build_object('held', to_jsonb(held)))::text;
  END $$;`;

/** The function of the PostgreSQL ledger's schema that writes what a group of steps has changed. */
import { BY_KEY, eachSum, excluded, SUM_FIELDS, SUMS } from "./columns.js";

const STATE = [
  "payment_id",
  "wallet_id",
  "account_id",
  "amount",
  "content_hash",
  "status",
  "counts",
  "counted_at_ms",
  "allowed_at_ms",
  "txid",
  "state",
] as const;

const WITHDRAWAL = `withdrawal_id text, payment_id text, wallet_id text, account_id text, amount numeric,
  content_hash text, status text, counts text, counted_at_ms bigint, allowed_at_ms bigint, txid text, state text`;

const SCOPE_STATE = [
  "time_ms",
  "newest_ms",
  ...SUMS,
  "corrected_ms",
  "last_allow_id",
  "last_allow_ms",
  "other_allow_ms",
] as const;

const OFTEN = `
  CREATE FUNCTION ledger_write(given jsonb) RETURNS text LANGUAGE plpgsql
  SET search_path FROM CURRENT ${BY_KEY} AS $$
  DECLARE
    last_record text;
  BEGIN
    -- An id that another transaction has inserted meanwhile is a lost race: the same row counts once.
    INSERT INTO withdrawals (withdrawal_id, ${STATE.join(", ")})
      SELECT withdrawal_id, ${STATE.join(", ")}
      FROM jsonb_to_recordset(given -> 'inserts') AS w (${WITHDRAWAL}) ORDER BY withdrawal_id;
    IF given -> 'updates' <> '[]' THEN
      UPDATE withdrawals o SET ${STATE.map((column) => `${column} = w.${column}`).join(", ")}
        FROM jsonb_to_recordset(given -> 'updates') AS w (${WITHDRAWAL}) WHERE o.withdrawal_id = w.withdrawal_id;
    END IF;
    INSERT INTO running_sums
      SELECT * FROM jsonb_to_recordset(given -> 'entries') AS e (scope text, at_ms bigint, ${SUM_FIELDS})
      ON CONFLICT (scope, at_ms) DO UPDATE SET ${excluded(SUMS)};
    INSERT INTO scopes (scope, ${SCOPE_STATE.join(", ")})
      SELECT * FROM jsonb_to_recordset(given -> 'scopes') AS s (scope text, time_ms bigint,
        newest_ms bigint, ${SUM_FIELDS}, corrected_ms bigint,
        last_allow_id text, last_allow_ms bigint, other_allow_ms bigint)
      ON CONFLICT (scope) DO UPDATE SET ${excluded(SCOPE_STATE)};
    IF given -> 'corrections' <> '[]' THEN
      INSERT INTO corrections AS c
        SELECT scope, level, bucket, ${eachSum((sum) => `sum(${sum})`)}
        FROM jsonb_to_recordset(given -> 'corrections') AS n (scope text, level integer, bucket bigint, ${SUM_FIELDS})
        GROUP BY scope, level, bucket
        ON CONFLICT (scope, level, bucket) DO UPDATE SET
          ${eachSum((sum) => `${sum} = c.${sum} + excluded.${sum}`)};
    END IF;
    IF given -> 'global' <> '[]' THEN
      INSERT INTO global_entries (journal, at_ms, ${SUMS.join(", ")}, payment_id, allowed_at_ms)
        SELECT * FROM jsonb_to_recordset(given -> 'global') AS g (journal text, at_ms bigint, ${SUM_FIELDS},
          payment_id text, allowed_at_ms bigint);
    END IF;
    IF given -> 'rare' <> '{}' THEN PERFORM write_rare(given -> 'rare'); END IF;
    WITH appended AS (
      INSERT INTO records (at_ms, kind, record)
        SELECT at_ms, kind, record
        FROM jsonb_array_elements(given -> 'records') WITH ORDINALITY AS all_records (one, place),
          LATERAL jsonb_to_record(one) AS r (at_ms bigint, kind text, record text)
        ORDER BY place
      RETURNING entry, record
    )
    SELECT jsonb_build_object('entry', entry, 'hash', md5(record))::text INTO last_record
      FROM appended ORDER BY entry DESC LIMIT 1;
    RETURN coalesce(last_record, 'null');
  END $$;`;

const RARE = `
  CREATE FUNCTION write_freeze(given jsonb) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO freezes AS f (scope_type, scope_id, kind, cause_id, frozen_at_ms, last_at_ms, operator, reason)
      SELECT type, id, kind, cause_id, frozen_at_ms, frozen_at_ms, operator, reason
      FROM jsonb_to_record(given) AS n (type text, id text, kind text, cause_id text,
        frozen_at_ms bigint, operator text, reason text) WHERE kind <> 'operator'
      ON CONFLICT (scope_type, scope_id, kind) WHERE kind <> 'operator' DO UPDATE
        SET count = f.count + 1, last_at_ms = greatest(f.last_at_ms, excluded.last_at_ms);
    INSERT INTO freezes (scope_type, scope_id, kind, cause_id, frozen_at_ms, last_at_ms, operator, reason)
      SELECT type, id, kind, cause_id, frozen_at_ms, frozen_at_ms, operator, reason
      FROM jsonb_to_record(given) AS n (type text, id text, kind text, cause_id text,
        frozen_at_ms bigint, operator text, reason text) WHERE kind = 'operator'
      ON CONFLICT DO NOTHING;
  END $$;

  CREATE FUNCTION write_rare(given jsonb) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE
    one jsonb;
  BEGIN
    DELETE FROM freezes f USING jsonb_to_recordset(given -> 'lifts') AS l (cause_id text, type text, id text, kinds jsonb)
      WHERE f.cause_id = l.cause_id
        OR (f.scope_type = l.type AND f.scope_id = l.id AND l.kinds ? f.kind);
    FOR one IN SELECT jsonb_array_elements(given -> 'freezes') LOOP PERFORM write_freeze(one); END LOOP;
    DELETE FROM attempts WHERE given -> 'new_series' ? scope;
    UPDATE scopes SET attempted_ms = NULL WHERE given -> 'new_series' ? scope;
    INSERT INTO attempts SELECT scope, at_ms
      FROM jsonb_to_recordset(given -> 'attempts') AS a (scope text, at_ms bigint);
    INSERT INTO scopes AS s (scope, attempted_ms)
      SELECT scope, max(at_ms) FROM jsonb_to_recordset(given -> 'attempts') AS a (scope text, at_ms bigint) GROUP BY scope
      ON CONFLICT (scope) DO UPDATE SET attempted_ms = greatest(s.attempted_ms, excluded.attempted_ms);
    INSERT INTO account_freezes AS f SELECT wallet_id, account_id, max(at_ms)
      FROM jsonb_to_recordset(given -> 'account_freezes') AS a (wallet_id text, account_id text, at_ms bigint)
      GROUP BY wallet_id, account_id
      ON CONFLICT (wallet_id, account_id) DO UPDATE SET at_ms = greatest(f.at_ms, excluded.at_ms);
    INSERT INTO destinations SELECT owner, script, shape, known_at_ms, approved, lookalike, free_used
      FROM jsonb_to_recordset(given -> 'destinations') AS d (owner text, script text, shape text, known_at_ms bigint,
        approved boolean, lookalike boolean, free_used numeric)
      ON CONFLICT (owner, script) DO UPDATE SET
        ${excluded(["shape", "known_at_ms", "approved", "lookalike", "free_used"])};
    FOR one IN SELECT jsonb_array_elements(given -> 'policies') LOOP
      -- Only over the generation that was read: of two processes that begin together the first one stays.
      INSERT INTO policies AS p VALUES (one ->> 'name', one ->> 'version', 1)
        ON CONFLICT (name) DO UPDATE SET version = excluded.version, generation = p.generation + 1
        WHERE p.generation = coalesce((one ->> 'after')::bigint, p.generation);
      -- Another process was first: what was decided by this policy is not recorded.
      IF NOT FOUND AND (SELECT version FROM policies WHERE name = one ->> 'name') <> one ->> 'version' THEN
        RAISE EXCEPTION 'the policy % is another one by now', one ->> 'name' USING ERRCODE = '40001';
      END IF;
    END LOOP;
  END $$;`;

/** Functions that write. */
export const WRITE = [OFTEN, RARE].join("\n");

/** Functions of the PostgreSQL ledger's schema that remove what is old, a bounded number of rows at a time. */
import { SHRINKABLE } from "./columns.js";

/** Of each journal the last running sum before the time stays: later windows begin with it. */
const SUMS = `
  CREATE FUNCTION prune_scope(of_scope text, before_ms bigint, most bigint) RETURNS bigint LANGUAGE plpgsql
  SET search_path FROM CURRENT AS $$
  DECLARE
    removed bigint;
    total bigint := 0;
    depth integer := 0;
    size bigint := 1;
  BEGIN
    DELETE FROM running_sums WHERE scope = of_scope AND at_ms IN (
      SELECT at_ms FROM running_sums WHERE scope = of_scope AND at_ms <
        (SELECT max(at_ms) FROM running_sums WHERE scope = of_scope AND at_ms <= before_ms)
      ORDER BY at_ms LIMIT most);
    GET DIAGNOSTICS total = ROW_COUNT;
    WHILE depth < 7 AND total < most LOOP
      DELETE FROM corrections WHERE scope = of_scope AND level = depth AND bucket IN (
        SELECT bucket FROM corrections WHERE scope = of_scope AND level = depth AND bucket <= before_ms / size
        ORDER BY bucket LIMIT most - total);
      GET DIAGNOSTICS removed = ROW_COUNT;
      total := total + removed;
      depth := depth + 1;
      size := size * 64;
    END LOOP;
    IF total < most THEN
      INSERT INTO pruned VALUES (of_scope, before_ms)
        ON CONFLICT (scope) DO UPDATE SET through_ms = excluded.through_ms;
    END IF;
    RETURN total;
  END $$;

  CREATE FUNCTION prune_sums(before_ms bigint, most bigint) RETURNS bigint LANGUAGE plpgsql
  SET search_path FROM CURRENT AS $$
  DECLARE
    one text;
    removed bigint;
    total bigint := 0;
  BEGIN
    FOR one IN SELECT s.scope FROM scopes s LEFT JOIN pruned p ON p.scope = s.scope
      WHERE coalesce(p.through_ms, 0) < before_ms ORDER BY s.scope
    LOOP
      EXIT WHEN total >= most;
      total := total + prune_scope(one, before_ms, most - total);
    END LOOP;
    DELETE FROM attempts WHERE ctid = ANY (ARRAY(SELECT ctid FROM attempts WHERE at_ms < before_ms LIMIT most - total));
    GET DIAGNOSTICS removed = ROW_COUNT;
    total := total + removed;
    DELETE FROM account_freezes WHERE ctid = ANY
      (ARRAY(SELECT ctid FROM account_freezes WHERE at_ms < before_ms LIMIT most - total));
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN total + removed;
  END $$;`;

const RECORDS = `
  CREATE FUNCTION prune_records(through bigint, most bigint) RETURNS bigint LANGUAGE plpgsql
  SET search_path FROM CURRENT AS $$
  DECLARE
    gone record;
  BEGIN
    PERFORM number_records();
    WITH removed AS (
      DELETE FROM records WHERE entry IN (SELECT entry FROM records WHERE seq <= through ORDER BY seq LIMIT most)
      RETURNING entry, seq
    ) SELECT count(*) AS count, max(entry) AS entry, max(seq) AS seq INTO gone FROM removed;
    UPDATE ledger SET pruned_seq = greatest(pruned_seq, gone.seq), pruned_entry = greatest(pruned_entry, gone.entry)
      WHERE id = 1 AND gone.count > 0;
    RETURN gone.count;
  END $$;`;

const STATES = `
  CREATE FUNCTION prune_states(before_ms bigint, most bigint) RETURNS bigint LANGUAGE plpgsql
  SET search_path FROM CURRENT AS $$
  DECLARE
    removed bigint;
  BEGIN
    UPDATE withdrawals SET state = NULL WHERE withdrawal_id IN (
      SELECT withdrawal_id FROM withdrawals
      WHERE ${SHRINKABLE}
        AND coalesce(counted_at_ms, allowed_at_ms, 0) < before_ms
      ORDER BY coalesce(counted_at_ms, allowed_at_ms, 0) LIMIT most FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN removed;
  END $$;`;

/** Functions of retention; one step takes no lock of a scope. */
export const RETENTION = `${SUMS}${RECORDS}${STATES}
  CREATE FUNCTION ledger_prune(given jsonb) RETURNS text LANGUAGE plpgsql
  SET search_path FROM CURRENT AS $$
  DECLARE
    most bigint := given ->> 'limit';
    total bigint := 0;
  BEGIN
    PERFORM begin_step((given ->> 'max_wait_ms')::integer);
    LOCK TABLE locks IN ROW SHARE MODE;
    IF given ->> 'records_through_seq' IS NOT NULL THEN
      total := total + prune_records((given ->> 'records_through_seq')::bigint, most);
    END IF;
    IF given ->> 'settled_before_ms' IS NOT NULL AND total < most THEN
      total := total + prune_states((given ->> 'settled_before_ms')::bigint, most - total);
    END IF;
    IF given ->> 'sums_before_ms' IS NOT NULL AND total < most THEN
      total := total + prune_sums((given ->> 'sums_before_ms')::bigint, most - total);
    END IF;
    RETURN jsonb_build_object('rows', total, 'done', total < most)::text;
  END $$;`;

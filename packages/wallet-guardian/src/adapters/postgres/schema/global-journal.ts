/**
 * The global journal of the PostgreSQL ledger. Who has no global limit does not take the global lock: what it enters
 * is appended, and folded in by who reads the journal under the lock, or from time to time.
 */
import { eachSum, excluded, SUM_LIST, SUMS } from "./columns.js";

const JOURNALS = "ARRAY['global', 'reserved/global']";

/** Enters at later times than the newest are running sums; earlier ones are corrections, on each level. */
const FOLD = `
  CREATE FUNCTION fold_journal(of_journal text, entries jsonb) RETURNS void LANGUAGE plpgsql
  SET search_path FROM CURRENT AS $$
  DECLARE
    newest record;
    depth integer := 0;
    size bigint := 1;
  BEGIN
    INSERT INTO scopes (scope) VALUES (of_journal) ON CONFLICT DO NOTHING;
    SELECT s.* INTO newest FROM scopes s WHERE s.scope = of_journal;
    WHILE depth < 7 LOOP
      INSERT INTO corrections AS c
        SELECT of_journal, depth, at_ms / size, ${eachSum((sum) => `sum(${sum})`)}
        FROM jsonb_populate_recordset(NULL::global_entries, entries)
        WHERE journal = of_journal AND at_ms < newest.newest_ms GROUP BY 3
        ON CONFLICT (scope, level, bucket) DO UPDATE SET ${eachSum((sum) => `${sum} = c.${sum} + excluded.${sum}`)};
      depth := depth + 1;
      size := size * 64;
    END LOOP;
    INSERT INTO running_sums
      SELECT of_journal, at_ms, ${eachSum((sum) => `newest.${sum} + sum(${sum}) OVER (ORDER BY at_ms)`)}
      FROM (
        SELECT at_ms, ${eachSum((sum) => `sum(${sum}) AS ${sum}`)}
        FROM jsonb_populate_recordset(NULL::global_entries, entries)
        WHERE journal = of_journal AND at_ms >= coalesce(newest.newest_ms, at_ms) GROUP BY at_ms
      ) AS later
      ON CONFLICT (scope, at_ms) DO UPDATE SET ${excluded(SUMS)};
    UPDATE scopes s SET newest_ms = r.at_ms, ${eachSum((sum) => `${sum} = r.${sum}`)}
      FROM (SELECT * FROM running_sums WHERE scope = of_journal ORDER BY at_ms DESC LIMIT 1) r
      WHERE s.scope = of_journal;
    UPDATE scopes s SET corrected_ms = greatest(s.corrected_ms, e.at_ms)
      FROM (SELECT max(at_ms) AS at_ms FROM jsonb_populate_recordset(NULL::global_entries, entries)
        WHERE journal = of_journal AND at_ms < newest.newest_ms) e
      WHERE s.scope = of_journal AND e.at_ms IS NOT NULL;
  END $$;

  CREATE FUNCTION fold_allows(entries jsonb) RETURNS void LANGUAGE sql
  SET search_path FROM CURRENT AS $$
    UPDATE scopes s SET last_allow_id = l.ids[1], last_allow_ms = l.times[1], other_allow_ms = l.times[2]
      FROM (
        SELECT array_agg(id ORDER BY at_ms DESC) AS ids, array_agg(at_ms ORDER BY at_ms DESC) AS times
        FROM (
          SELECT id, max(at_ms) AS at_ms FROM (
            SELECT payment_id AS id, allowed_at_ms AS at_ms FROM jsonb_populate_recordset(NULL::global_entries, entries)
            UNION ALL SELECT last_allow_id, last_allow_ms FROM scopes WHERE scope = 'global'
            UNION ALL SELECT NULL, other_allow_ms FROM scopes WHERE scope = 'global'
          ) AS allows WHERE at_ms IS NOT NULL GROUP BY id ORDER BY 2 DESC LIMIT 2
        ) AS latest
      ) l WHERE s.scope = 'global' AND l.ids IS NOT NULL;
  $$;

  -- Answers with the number of rows that were folded in, at most so many; null: all.
  CREATE FUNCTION fold_global(most bigint) RETURNS bigint LANGUAGE plpgsql
  SET search_path FROM CURRENT AS $$
  DECLARE
    entries jsonb;
    journal text;
  BEGIN
    WITH taken AS (DELETE FROM global_entries
        WHERE entry IN (SELECT entry FROM global_entries ORDER BY entry LIMIT most) RETURNING *)
      SELECT jsonb_agg(to_jsonb(taken)) INTO entries FROM taken;
    IF entries IS NULL THEN RETURN 0; END IF;
    FOREACH journal IN ARRAY ${JOURNALS} LOOP
      IF entries @> jsonb_build_array(jsonb_build_object('journal', journal)) OR journal = 'global' THEN
        PERFORM fold_journal(journal, entries);
      END IF;
    END LOOP;
    PERFORM fold_allows(entries);
    RETURN jsonb_array_length(entries);
  END $$;`;

/**
 * Reads all withdrawals once, in one snapshot, while other transactions go on: what that snapshot shows as
 * appended is in its withdrawals too, and what is appended later is folded in later.
 */
const FILL = `
  CREATE FUNCTION fill_global() RETURNS void LANGUAGE plpgsql
  SET search_path FROM CURRENT AS $$
  DECLARE
    journal text;
    allows jsonb;
  BEGIN
    IF (SELECT is_global_kept FROM ledger WHERE id = 1) OR lock_keys('{fill}', false) <> '{}' THEN RETURN; END IF;
    DELETE FROM global_entries;
    FOREACH journal IN ARRAY ${JOURNALS} LOOP
      INSERT INTO running_sums
        SELECT journal, at_ms, ${eachSum((sum) => `sum(${sum}) OVER (ORDER BY at_ms)`)} FROM (
          SELECT counted_at_ms AS at_ms,
            coalesce(sum(amount) FILTER (WHERE counts <> 'asked'), 0) AS allowed,
            count(*) FILTER (WHERE counts <> 'asked') AS allowed_count,
            coalesce(sum(amount) FILTER (WHERE counts = 'asked'), 0) AS asked,
            count(*) FILTER (WHERE counts = 'asked') AS asked_count
          FROM withdrawals WHERE counts <> 'nothing' AND (counts = 'reserved') = (journal <> 'global') GROUP BY 1
        ) AS entries;
    END LOOP;
    allows := (
      SELECT jsonb_agg(jsonb_build_object('payment_id', payment_id, 'allowed_at_ms', allowed_at_ms)) FROM (
        SELECT coalesce(payment_id, withdrawal_id) AS payment_id, max(allowed_at_ms) AS allowed_at_ms FROM withdrawals
        WHERE allowed_at_ms IS NOT NULL GROUP BY 1 ORDER BY 2 DESC LIMIT 2
      ) AS latest
    );
    PERFORM lock_keys('{global}', true);
    INSERT INTO scopes (scope) VALUES ('global') ON CONFLICT DO NOTHING;
    INSERT INTO scopes (scope, newest_ms, ${SUM_LIST})
      SELECT newest.scope, at_ms, ${SUM_LIST} FROM unnest(${JOURNALS}) AS of_journal,
        LATERAL (SELECT * FROM running_sums r WHERE r.scope = of_journal ORDER BY at_ms DESC LIMIT 1) newest
      ON CONFLICT (scope) DO UPDATE SET ${excluded(["newest_ms", ...SUMS])};
    PERFORM fold_allows(allows);
    UPDATE ledger SET is_global_kept = true WHERE id = 1;
  END $$;`;

/** Functions of the global journal. */
export const GLOBAL_JOURNAL = [FOLD, FILL].join("\n");

/** The function of the PostgreSQL ledger's schema that accepts the clock: dates the future (design, section 7: clocks). */
import { eachSum, excluded, SUM_LIST, SUMS } from "./columns.js";

/** The earlier of a time and another; `least` would make a time of NULL. */
const earlier = (column: string, time: string): string =>
  `${column} = CASE WHEN ${column} > ${time} THEN ${time} ELSE ${column} END`;

const COUNTED = ["newest_ms", "corrected_ms"];
const SEEN = ["time_ms", "last_allow_ms", "other_allow_ms", "attempted_ms"];

/** The newest running sum of a journal is the sum of all; a bucket takes in the later ones of its level. */
const JOURNALS = `
  CREATE FUNCTION redate_journals(ahead_ms bigint) RETURNS void LANGUAGE plpgsql
  SET search_path FROM CURRENT AS $$
  DECLARE
    depth integer := 0;
    size bigint := 1;
  BEGIN
    INSERT INTO running_sums
      SELECT scope, ahead_ms, ${SUM_LIST} FROM scopes WHERE newest_ms > ahead_ms
      ON CONFLICT (scope, at_ms) DO UPDATE SET ${excluded(SUMS)};
    DELETE FROM running_sums r USING scopes s
      WHERE r.scope = s.scope AND s.newest_ms > ahead_ms AND r.at_ms > ahead_ms;
    WHILE depth < 7 LOOP
      INSERT INTO corrections
        SELECT c.scope, depth, ahead_ms / size, ${eachSum((sum) => `sum(c.${sum})`)}
        FROM corrections c JOIN scopes s ON s.scope = c.scope AND s.corrected_ms > ahead_ms
        WHERE c.level = depth AND c.bucket >= ahead_ms / size GROUP BY c.scope
        ON CONFLICT (scope, level, bucket) DO UPDATE SET ${excluded(SUMS)};
      DELETE FROM corrections c USING scopes s
        WHERE c.scope = s.scope AND s.corrected_ms > ahead_ms
          AND c.level = depth AND c.bucket > ahead_ms / size;
      depth := depth + 1;
      size := size * 64;
    END LOOP;
  END $$;`;

/** Answers with the states of ALLOWs from the future, which are to be written without their answers. */
export const ACCEPT = `${JOURNALS}
  CREATE FUNCTION ledger_accept(given jsonb) RETURNS text LANGUAGE plpgsql
  SET search_path FROM CURRENT AS $$
  DECLARE
    clock_ms bigint;
    ahead_ms bigint;
    accepted_count bigint;
    states jsonb;
  BEGIN
    PERFORM begin_step((given ->> 'max_wait_ms')::integer);
    LOCK TABLE locks IN EXCLUSIVE MODE;
    clock_ms := coalesce((given ->> 'now_ms')::bigint, now_ms());
    ahead_ms := clock_ms + (given ->> 'ahead_ms')::bigint;
    SELECT coalesce(jsonb_agg(jsonb_build_object('withdrawal_id', withdrawal_id, 'state', state)), '[]') INTO states
      FROM withdrawals WHERE allowed_at_ms > clock_ms AND state IS NOT NULL;
    UPDATE withdrawals SET ${earlier("counted_at_ms", "ahead_ms")}, ${earlier("allowed_at_ms", "clock_ms")}
      WHERE counted_at_ms > ahead_ms OR allowed_at_ms > clock_ms;
    UPDATE global_entries SET ${earlier("at_ms", "ahead_ms")}, ${earlier("allowed_at_ms", "clock_ms")}
      WHERE at_ms > ahead_ms OR allowed_at_ms > clock_ms;
    PERFORM redate_journals(ahead_ms);
    UPDATE scopes SET ${[
      ...COUNTED.map((column) => earlier(column, "ahead_ms")),
      ...SEEN.map((column) => earlier(column, "clock_ms")),
    ].join(
      ", ",
    )} WHERE greatest(${COUNTED.join(", ")}) > ahead_ms OR greatest(${SEEN.join(", ")}) > clock_ms;
    UPDATE attempts SET at_ms = clock_ms WHERE at_ms > clock_ms;
    UPDATE account_freezes SET at_ms = clock_ms WHERE at_ms > clock_ms;
    UPDATE destinations SET known_at_ms = clock_ms WHERE known_at_ms > clock_ms;
    UPDATE freezes SET ${earlier("frozen_at_ms", "clock_ms")}, ${earlier("last_at_ms", "clock_ms")}
      WHERE frozen_at_ms > clock_ms OR last_at_ms > clock_ms;
    UPDATE clock SET accepted = accepted + 1, accepted_ms = clock_ms RETURNING accepted INTO accepted_count;
    RETURN jsonb_build_object('count', accepted_count, 'at_ms', clock_ms, 'states', states)::text;
  END $$;

  CREATE FUNCTION write_states(given jsonb) RETURNS void LANGUAGE sql
  SET search_path FROM CURRENT AS $$
    UPDATE withdrawals w SET state = s.state
      FROM jsonb_to_recordset(given) AS s (withdrawal_id text, state text) WHERE w.withdrawal_id = s.withdrawal_id
  $$;`;

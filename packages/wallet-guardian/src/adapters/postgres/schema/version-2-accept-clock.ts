/** The clock of schema 2, as it was released; a released one never changes. */

const SUMS = ["allowed", "allowed_count", "asked", "asked_count"] as const;
const SUM_LIST = SUMS.join(", ");
const NEW_SUMS = SUMS.map((sum) => `${sum} = excluded.${sum}`).join(", ");

/** The earlier of a time and now; `least` would make a time of NULL. */
const redated = (column: string): string =>
  `${column} = CASE WHEN ${column} > clock_ms THEN clock_ms ELSE ${column} END`;

const SCOPE_TIMES = [
  "time_ms",
  "newest_ms",
  "corrected_ms",
  "last_allow_ms",
  "other_allow_ms",
  "attempted_ms",
];

/** The newest running sum of a scope is the sum of all; a bucket of now takes in the later ones of its level. */
export const ACCEPTANCE = `
  CREATE TABLE clock (
    id integer PRIMARY KEY CHECK (id = 1),
    accepted bigint NOT NULL,
    accepted_ms bigint NOT NULL
  );
  INSERT INTO clock VALUES (1, 0, 0);

  CREATE FUNCTION accept_clock(given jsonb) RETURNS text LANGUAGE plpgsql
  SET search_path FROM CURRENT AS $$
  DECLARE
    clock_ms bigint;
    accepted_count bigint;
    depth integer := 0;
    size bigint := 1;
  BEGIN
    PERFORM take_locks('[{"key": "clock", "exclusive": true}]', (given ->> 'max_wait_ms')::integer);
    clock_ms := coalesce((given ->> 'now_ms')::bigint, now_ms());
    UPDATE withdrawals SET ${redated("counted_at_ms")}, ${redated("allowed_at_ms")},
        answer = CASE WHEN allowed_at_ms > clock_ms THEN NULL ELSE answer END
      WHERE counted_at_ms > clock_ms OR allowed_at_ms > clock_ms;
    INSERT INTO running_sums
      SELECT scope, clock_ms, ${SUM_LIST} FROM scopes WHERE newest_ms > clock_ms
      ON CONFLICT (scope, at_ms) DO UPDATE SET ${NEW_SUMS};
    DELETE FROM running_sums r USING scopes s
      WHERE r.scope = s.scope AND s.newest_ms > clock_ms AND r.at_ms > clock_ms;
    WHILE depth < 7 LOOP
      INSERT INTO corrections
        SELECT c.scope, depth, clock_ms / size, ${SUMS.map((sum) => `sum(c.${sum})`).join(", ")}
        FROM corrections c JOIN scopes s ON s.scope = c.scope AND s.corrected_ms > clock_ms
        WHERE c.level = depth AND c.bucket >= clock_ms / size GROUP BY c.scope
        ON CONFLICT (scope, level, bucket) DO UPDATE SET ${NEW_SUMS};
      DELETE FROM corrections c USING scopes s
        WHERE c.scope = s.scope AND s.corrected_ms > clock_ms
          AND c.level = depth AND c.bucket > clock_ms / size;
      depth := depth + 1;
      size := size * 64;
    END LOOP;
    UPDATE scopes SET ${SCOPE_TIMES.map(redated).join(", ")}
      WHERE greatest(${SCOPE_TIMES.join(", ")}) > clock_ms;
    UPDATE attempts SET at_ms = clock_ms WHERE at_ms > clock_ms;
    UPDATE freezes SET frozen_at_ms = clock_ms WHERE frozen_at_ms > clock_ms;
    UPDATE clock SET accepted = accepted + 1, accepted_ms = clock_ms RETURNING accepted INTO accepted_count;
    RETURN jsonb_build_object('count', accepted_count, 'at_ms', clock_ms)::text;
  END $$;`;

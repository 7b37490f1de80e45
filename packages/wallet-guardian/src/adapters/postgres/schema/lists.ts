/** Functions of the PostgreSQL ledger's schema that list: rows, freezes, payments, records. */

/** A withdrawal as JSON: amounts are texts, and a payment of its own has its own id. */
export const WITHDRAWAL = `to_jsonb(w) || jsonb_build_object('amount', w.amount::text,
  'payment_id', coalesce(w.payment_id, w.withdrawal_id))`;

const FREEZE = `to_jsonb(f) - 'scope' - 'key'`;

/** Functions that list. */
export const LISTS = `
  CREATE FUNCTION listed_freezes(asked jsonb, most integer) RETURNS text LANGUAGE sql STABLE
  SET search_path FROM CURRENT AS $$
    SELECT coalesce(jsonb_agg(${FREEZE}), '[]')::text FROM (
      SELECT * FROM freezes
      WHERE cause_id = asked ->> 'cause_id' OR (scope_type = asked ->> 'type' AND scope_id = asked ->> 'id')
      ORDER BY frozen_at_ms, key LIMIT most
    ) f
  $$;

  CREATE FUNCTION frozen_after(after text, most integer) RETURNS text LANGUAGE sql STABLE
  SET search_path FROM CURRENT AS $$
    SELECT coalesce(jsonb_agg(${FREEZE}), '[]')::text
    FROM (SELECT * FROM freezes WHERE key > after COLLATE "C" ORDER BY key LIMIT most) f
  $$;

  CREATE FUNCTION unsettled_after(after text, most integer) RETURNS text LANGUAGE sql STABLE
  SET search_path FROM CURRENT AS $$
    SELECT coalesce(jsonb_agg(${WITHDRAWAL}), '[]')::text FROM (
      SELECT * FROM withdrawals
      WHERE status IN ('reserved', 'claimed') AND payment_id IS NULL AND withdrawal_id COLLATE "C" > after
      ORDER BY withdrawal_id COLLATE "C" LIMIT most
    ) w
  $$;

  CREATE FUNCTION one_withdrawal(id text) RETURNS text LANGUAGE sql STABLE
  SET search_path FROM CURRENT AS $$
    SELECT coalesce(jsonb_agg(${WITHDRAWAL}), '[]')::text FROM withdrawals w WHERE withdrawal_id = id
  $$;

  CREATE FUNCTION account_freezes_since(wallet text, since_ms bigint, most integer) RETURNS text LANGUAGE sql STABLE
  SET search_path FROM CURRENT AS $$
    SELECT count(*)::text FROM
      (SELECT FROM account_freezes WHERE wallet_id = wallet AND at_ms > since_ms LIMIT most) a
  $$;

  CREATE FUNCTION count_attempts(asked jsonb) RETURNS text LANGUAGE sql STABLE
  SET search_path FROM CURRENT AS $$
    SELECT count(*)::text FROM (SELECT FROM attempts WHERE scope = asked ->> 'scope'
      AND at_ms > (asked ->> 'since_ms')::bigint LIMIT (asked ->> 'most')::bigint) a
  $$;

  -- Records have numbers in the order in which they are seen to be committed; the lock is the ledger's own row.
  CREATE FUNCTION number_records() RETURNS void LANGUAGE plpgsql
  SET search_path FROM CURRENT AS $$
  BEGIN
    IF current_setting('synchronous_commit') <> 'remote_apply' THEN
      PERFORM set_config('synchronous_commit', 'on', true);
    END IF;
    PERFORM FROM ledger WHERE id = 1 FOR UPDATE;
    UPDATE records r SET seq = n.seq
      FROM (
        SELECT entry, row_number() OVER (ORDER BY entry)
          + greatest((SELECT max(seq) FROM records), (SELECT pruned_seq FROM ledger WHERE id = 1)) AS seq
        FROM records WHERE seq IS NULL
      ) n WHERE r.entry = n.entry;
  END $$;

  CREATE FUNCTION records_after(after bigint, most integer) RETURNS text LANGUAGE sql STABLE
  SET search_path FROM CURRENT AS $$
    SELECT coalesce(json_agg(to_jsonb(r) - 'entry'), '[]')::text
    FROM (SELECT * FROM records WHERE seq > after ORDER BY seq LIMIT most) r
  $$;`;

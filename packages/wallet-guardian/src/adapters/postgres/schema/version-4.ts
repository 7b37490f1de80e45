/** The fourth version: a record whose personal data was erased is still the one that a process has acknowledged. */
import { BY_KEY } from "./columns.js";

/** Stands for the hash of a record with erased values. */
export const ERASED_HASH = "erased";

/** How such a record's canonical text goes on after its other members; inside of a text every quotation mark is escaped. */
const ERASED = `'"personal":{"erased":{"/'`;

/** From the third version. */
export const ERASABLE = `
  CREATE OR REPLACE FUNCTION ledger_state(known jsonb) RETURNS jsonb LANGUAGE plpgsql STABLE
  SET search_path FROM CURRENT ${BY_KEY} AS $$
  BEGIN
    RETURN (SELECT jsonb_build_object('version', (SELECT max(version) FROM schema_versions), 'ledger_id', ledger_id,
        'epoch', epoch, 'is_global_kept', is_global_kept, 'pruned_entry', pruned_entry,
        'records', (SELECT coalesce(jsonb_agg(jsonb_build_object('entry', entry, 'hash',
            CASE WHEN position(${ERASED} IN record) > 0 THEN '${ERASED_HASH}' ELSE md5(record) END)), '[]')
          FROM records WHERE entry = ANY (ARRAY(SELECT jsonb_array_elements_text(known)::bigint))))
      FROM ledger WHERE id = 1);
  END $$;`;

/**
 * The table of an observation's fields, by which every observation is read. It accepts what
 * `observationSchema`, the public statement of the same, accepts: a differential test holds the two together.
 */
import { RPC_FAILURE_KINDS } from "@dgb-shield/chain";
import { checkTimeMs, LIMITS, PATTERNS } from "@dgb-shield/contract";
import type { Field, ListRule, RecordRule, Rule, ValueRule } from "./field-table.js";
import {
  isAscending,
  LAST_TIP_STATUSES,
  MAX_BLOCK_DETAILS,
  MAX_BLOCKS,
  MAX_DOUBLE_SPENDS,
  MAX_DROPPED_BRANCHES,
  MAX_DROPPED_NAMED,
  MAX_PEERS,
  MAX_SIGNATURES,
  MAX_TIPS,
  MAX_UNAVAILABLE,
  MAX_WARNINGS,
  type Observation,
  OBSERVATION_VERSION,
  SIGNATURE_SCHEMES,
  TIP_STATUSES,
  UNAVAILABLE_KINDS,
  UNAVAILABLE_REASONS,
} from "./observation.js";

/** Most values of one observation, containers included. */
export const MAX_VALUES = LIMITS.maxPayloadBytes;

const INT32 = 2 ** 31;
const UINT32 = 2 ** 32;

const value = (accepts: (given: unknown) => boolean): ValueRule => ({ kind: "value", accepts });

const matching = (pattern: RegExp): ValueRule =>
  value((given) => typeof given === "string" && pattern.test(given));

const oneOf = (words: readonly string[]): ValueRule => {
  const known: ReadonlySet<unknown> = new Set(words);
  return value((given) => known.has(given));
};

const integer = (least: number, below: number): ValueRule =>
  value(
    (given) =>
      Number.isSafeInteger(given) && (given as number) >= least && (given as number) < below,
  );

const orNull = ({ accepts }: ValueRule): ValueRule =>
  value((given) => given === null || accepts(given));

const ID = matching(PATTERNS.id);
const WORD = matching(PATTERNS.word);
const HASH = matching(PATTERNS.hash256);
const COUNT = integer(0, Infinity);
const INTEGER = integer(-Infinity, Infinity);
const BOOLEAN = value((given) => typeof given === "boolean");

const text = (most: number): ValueRule =>
  value((given) => typeof given === "string" && given.length <= most && given.isWellFormed());

const list = (of: Rule, most: number): ListRule => ({ kind: "list", of, most });

type Fields = Readonly<Record<string, Rule>>;

const fieldsOf = (rules: Fields, isOptional: boolean): Field[] =>
  Object.entries(rules).map(([name, rule]) => ({ name, rule, isOptional }));

const record = (required: Fields, optional: Fields = {}): RecordRule => ({
  kind: "record",
  fields: [...fieldsOf(required, false), ...fieldsOf(optional, true)],
  isNullable: false,
});

const nullable = (rule: RecordRule): RecordRule => ({ ...rule, isNullable: true });

/** A block header. */
export const HEADER = record({
  hash: HASH,
  previous_hash: HASH,
  height: COUNT,
  version: integer(-INT32, INT32),
  time_s: integer(0, UINT32),
});

const TIP = record(
  { hash: HASH, height: COUNT, branchlen: COUNT, status: oneOf(TIP_STATUSES) },
  { chainwork: HASH },
);

const MEMPOOL = record(
  { count: COUNT, bytes: COUNT },
  { fee_floor: COUNT, loaded: BOOLEAN, max_bytes: COUNT, total_fee: COUNT, unbroadcast: COUNT },
);

const PEER = record(
  { group: ID, inbound: BOOLEAN, height: orNull(COUNT) },
  {
    starting_height: COUNT,
    synced_blocks: orNull(COUNT),
    connection_type: text(64),
    network: text(32),
    software: text(256),
    time_offset_s: INTEGER,
  },
);

const SIGNATURE = record(
  { r: HASH, key: ID },
  { s: HASH, scheme: oneOf(SIGNATURE_SCHEMES), txid: HASH },
);

const NODE = record(
  { software: text(256) },
  {
    protocol: COUNT,
    network_active: BOOLEAN,
    outbound_target: integer(0, 1_001),
    time_offset_s: INTEGER,
  },
);

const LAST_TIP = record({
  hash: HASH,
  height: COUNT,
  status: oneOf(LAST_TIP_STATUSES),
  fork_height: orNull(COUNT),
});

const FAILURE = record({ kind: oneOf(RPC_FAILURE_KINDS), code: orNull(INTEGER) });

const DETAIL = record({ hash: HASH, height: COUNT, coinbase_value: COUNT, fees: COUNT });

const DROPPED = record({
  lost_tip: HASH,
  fork_height: COUNT,
  blocks: integer(1, Infinity),
  blocks_read: COUNT,
  new_blocks_unread: COUNT,
  count: COUNT,
  txids: list(HASH, MAX_DROPPED_NAMED),
});

const DOUBLE_SPEND = record({
  spent_txid: HASH,
  spent_vout: integer(0, UINT32),
  lost_txid: HASH,
  confirmations: integer(1, Infinity),
  new_txid: HASH,
  new_height: COUNT,
  lost_tip: HASH,
  fork_height: COUNT,
  paid: COUNT,
  withdrawn: COUNT,
  redirected: COUNT,
});

const UNAVAILABLE = record({
  what: oneOf(UNAVAILABLE_KINDS),
  reason: oneOf(UNAVAILABLE_REASONS),
  height: orNull(COUNT),
});

/** Every field of an observation, in the order in which they are checked. */
export const OBSERVATION: RecordRule = {
  kind: "record",
  isNullable: false,
  fields: [
    ...fieldsOf({ node_id: ID, at_ms: value((given) => checkTimeMs(given) === undefined) }, false),
    ...fieldsOf({ monotonic_ms: value(Number.isFinite) }, true),
    ...fieldsOf(
      {
        syncing: BOOLEAN,
        reachable: BOOLEAN,
        tip: nullable(HEADER),
        blocks: list(HEADER, MAX_BLOCKS),
        tips: list(TIP, MAX_TIPS),
        mempool: nullable(MEMPOOL),
      },
      false,
    ),
    ...fieldsOf(
      {
        difficulties: {
          kind: "map",
          isKey: (key) => PATTERNS.word.test(key),
          of: value((given) => Number.isFinite(given) && (given as number) > 0),
          most: MAX_TIPS,
        },
        peers: list(PEER, MAX_PEERS),
        signatures: list(SIGNATURE, MAX_SIGNATURES),
        unavailable: list(UNAVAILABLE, MAX_UNAVAILABLE),
        version: value((given) => given === 1 || given === OBSERVATION_VERSION),
        chain: record({}, { network: WORD, genesis_hash: HASH }),
        node: NODE,
        failure: FAILURE,
        warming_up: BOOLEAN,
        restarted: BOOLEAN,
        torn: BOOLEAN,
        more: BOOLEAN,
        best_header_height: COUNT,
        chainwork: HASH,
        last_tip: LAST_TIP,
        node_time_s: integer(0, UINT32),
        pruned_below: COUNT,
        warnings: list(text(512), MAX_WARNINGS),
        details: list(DETAIL, MAX_BLOCK_DETAILS),
        dropped: list(DROPPED, MAX_DROPPED_BRANCHES),
        double_spends: list(DOUBLE_SPEND, MAX_DOUBLE_SPENDS),
      },
      true,
    ),
  ],
  conflict: ({ tip, reachable, syncing, warming_up, blocks }: Observation) => {
    if (tip === null && reachable && !syncing && warming_up !== true) return "tip";
    return isAscending(blocks) ? undefined : "blocks";
  },
};

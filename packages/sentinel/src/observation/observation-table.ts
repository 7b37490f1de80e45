/**
 * The table of an observation's fields, by which every observation is read. It accepts what
 * `observationSchema`, the public statement of the same, accepts: a differential test holds the two together.
 */
import { RPC_FAILURE_KINDS } from "@dgb-shield/chain";
import { checkTimeMs, LIMITS, PATTERNS } from "@dgb-shield/contract";
import {
  type Field,
  type ListRule,
  type MakeRecord,
  type RecordRule,
  recordRule,
  type Rule,
  type ValueRule,
} from "./field-table.js";
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

/** As `matching`, for strings that come again: the last two that were accepted are compared first. */
function matchingAgain(pattern: RegExp): ValueRule {
  let last: string | undefined;
  let before: string | undefined;
  return value((given) => {
    if (typeof given !== "string") return false;
    if (given === last || given === before) return true;
    if (!pattern.test(given)) return false;
    before = last;
    last = given;
    return true;
  });
}

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
const NODE_ID = matchingAgain(PATTERNS.id);
const WORD = matching(PATTERNS.word);
const HASH = matching(PATTERNS.hash256);
/** The hash of a block: that of the tip, of its parent, of the last tip and of a detail are two. */
const BLOCK_HASH = matchingAgain(PATTERNS.hash256);
const COUNT = integer(0, Infinity);
const INTEGER = integer(-Infinity, Infinity);
const BOOLEAN = value((given) => typeof given === "boolean");

const text = (most: number): ValueRule =>
  value((given) => typeof given === "string" && given.length <= most && given.isWellFormed());

const list = (of: Rule, most: number): ListRule => ({ kind: "list", of, most });

type Fields = Readonly<Record<string, Rule>>;

const fieldsOf = (rules: Fields, isOptional: boolean): Field[] =>
  Object.entries(rules).map(([name, rule]) => ({ name, rule, isOptional }));

/** The value of a field, by its place in the table; undefined where it is absent. */
const get = (values: readonly unknown[], at: readonly number[], field: number): unknown =>
  values[at[field] as number];

const record = (required: Fields, optional: Fields, make: MakeRecord): RecordRule =>
  recordRule([...fieldsOf(required, false), ...fieldsOf(optional, true)], make);

const nullable = (rule: RecordRule): RecordRule => ({ ...rule, isNullable: true });

/** A block header. */
export const HEADER = record(
  {
    hash: BLOCK_HASH,
    previous_hash: BLOCK_HASH,
    height: COUNT,
    version: integer(-INT32, INT32),
    time_s: integer(0, UINT32),
  },
  {},
  (values, at) => ({
    hash: get(values, at, 0),
    previous_hash: get(values, at, 1),
    height: get(values, at, 2),
    version: get(values, at, 3),
    time_s: get(values, at, 4),
  }),
);

const TIP = record(
  { hash: HASH, height: COUNT, branchlen: COUNT, status: oneOf(TIP_STATUSES) },
  { chainwork: HASH },
  (values, at) => ({
    hash: get(values, at, 0),
    height: get(values, at, 1),
    branchlen: get(values, at, 2),
    status: get(values, at, 3),
    chainwork: get(values, at, 4),
  }),
);

const MEMPOOL = record(
  { count: COUNT, bytes: COUNT },
  { fee_floor: COUNT, loaded: BOOLEAN, max_bytes: COUNT, total_fee: COUNT, unbroadcast: COUNT },
  (values, at) => ({
    count: get(values, at, 0),
    bytes: get(values, at, 1),
    fee_floor: get(values, at, 2),
    loaded: get(values, at, 3),
    max_bytes: get(values, at, 4),
    total_fee: get(values, at, 5),
    unbroadcast: get(values, at, 6),
  }),
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
  (values, at) => ({
    group: get(values, at, 0),
    inbound: get(values, at, 1),
    height: get(values, at, 2),
    starting_height: get(values, at, 3),
    synced_blocks: get(values, at, 4),
    connection_type: get(values, at, 5),
    network: get(values, at, 6),
    software: get(values, at, 7),
    time_offset_s: get(values, at, 8),
  }),
);

const SIGNATURE = record(
  { r: HASH, key: ID },
  { s: HASH, scheme: oneOf(SIGNATURE_SCHEMES), txid: HASH },
  (values, at) => ({
    r: get(values, at, 0),
    key: get(values, at, 1),
    s: get(values, at, 2),
    scheme: get(values, at, 3),
    txid: get(values, at, 4),
  }),
);

const NODE = record(
  { software: text(256) },
  {
    protocol: COUNT,
    network_active: BOOLEAN,
    outbound_target: integer(0, 1_001),
    time_offset_s: INTEGER,
  },
  (values, at) => ({
    software: get(values, at, 0),
    protocol: get(values, at, 1),
    network_active: get(values, at, 2),
    outbound_target: get(values, at, 3),
    time_offset_s: get(values, at, 4),
  }),
);

const LAST_TIP = record(
  {
    hash: BLOCK_HASH,
    height: COUNT,
    status: oneOf(LAST_TIP_STATUSES),
    fork_height: orNull(COUNT),
  },
  {},
  (values, at) => ({
    hash: get(values, at, 0),
    height: get(values, at, 1),
    status: get(values, at, 2),
    fork_height: get(values, at, 3),
  }),
);

const FAILURE = record(
  { kind: oneOf(RPC_FAILURE_KINDS), code: orNull(INTEGER) },
  {},
  (values, at) => ({
    kind: get(values, at, 0),
    code: get(values, at, 1),
  }),
);

const DETAIL = record(
  { hash: BLOCK_HASH, height: COUNT, coinbase_value: COUNT, fees: COUNT },
  {},
  (values, at) => ({
    hash: get(values, at, 0),
    height: get(values, at, 1),
    coinbase_value: get(values, at, 2),
    fees: get(values, at, 3),
  }),
);

const DROPPED = record(
  {
    lost_tip: HASH,
    fork_height: COUNT,
    blocks: integer(1, Infinity),
    blocks_read: COUNT,
    new_blocks_unread: COUNT,
    count: COUNT,
    txids: list(HASH, MAX_DROPPED_NAMED),
  },
  {},
  (values, at) => ({
    lost_tip: get(values, at, 0),
    fork_height: get(values, at, 1),
    blocks: get(values, at, 2),
    blocks_read: get(values, at, 3),
    new_blocks_unread: get(values, at, 4),
    count: get(values, at, 5),
    txids: get(values, at, 6),
  }),
);

const DOUBLE_SPEND = record(
  {
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
  },
  {},
  (values, at) => ({
    spent_txid: get(values, at, 0),
    spent_vout: get(values, at, 1),
    lost_txid: get(values, at, 2),
    confirmations: get(values, at, 3),
    new_txid: get(values, at, 4),
    new_height: get(values, at, 5),
    lost_tip: get(values, at, 6),
    fork_height: get(values, at, 7),
    paid: get(values, at, 8),
    withdrawn: get(values, at, 9),
    redirected: get(values, at, 10),
  }),
);

const UNAVAILABLE = record(
  {
    what: oneOf(UNAVAILABLE_KINDS),
    reason: oneOf(UNAVAILABLE_REASONS),
    height: orNull(COUNT),
  },
  {},
  (values, at) => ({
    what: get(values, at, 0),
    reason: get(values, at, 1),
    height: get(values, at, 2),
  }),
);

const CHAIN = record({}, { network: WORD, genesis_hash: HASH }, (values, at) => ({
  network: get(values, at, 0),
  genesis_hash: get(values, at, 1),
}));

/** Every field of an observation, in the order in which they are checked. */
export const OBSERVATION: RecordRule = recordRule(
  [
    ...fieldsOf(
      { node_id: NODE_ID, at_ms: value((given) => checkTimeMs(given) === undefined) },
      false,
    ),
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
          isKey: WORD.accepts,
          of: value((given) => Number.isFinite(given) && (given as number) > 0),
          most: MAX_TIPS,
        },
        peers: list(PEER, MAX_PEERS),
        signatures: list(SIGNATURE, MAX_SIGNATURES),
        unavailable: list(UNAVAILABLE, MAX_UNAVAILABLE),
        version: value((given) => given === 1 || given === OBSERVATION_VERSION),
        chain: CHAIN,
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
  (values, at) => ({
    node_id: get(values, at, 0),
    at_ms: get(values, at, 1),
    monotonic_ms: get(values, at, 2),
    syncing: get(values, at, 3),
    reachable: get(values, at, 4),
    tip: get(values, at, 5),
    blocks: get(values, at, 6),
    tips: get(values, at, 7),
    mempool: get(values, at, 8),
    difficulties: get(values, at, 9),
    peers: get(values, at, 10),
    signatures: get(values, at, 11),
    unavailable: get(values, at, 12),
    version: get(values, at, 13),
    chain: get(values, at, 14),
    node: get(values, at, 15),
    failure: get(values, at, 16),
    warming_up: get(values, at, 17),
    restarted: get(values, at, 18),
    torn: get(values, at, 19),
    more: get(values, at, 20),
    best_header_height: get(values, at, 21),
    chainwork: get(values, at, 22),
    last_tip: get(values, at, 23),
    node_time_s: get(values, at, 24),
    pruned_below: get(values, at, 25),
    warnings: get(values, at, 26),
    details: get(values, at, 27),
    dropped: get(values, at, 28),
    double_spends: get(values, at, 29),
  }),
  {
    conflict: ({ tip, reachable, syncing, warming_up, failure, blocks }: Observation) => {
      const mayLackTip = !reachable || syncing || warming_up === true;
      if (tip === null && !mayLackTip && failure?.kind !== "overloaded") return "tip";
      return isAscending(blocks) ? undefined : "blocks";
    },
  },
);

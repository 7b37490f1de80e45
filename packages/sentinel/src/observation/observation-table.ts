/**
 * The table of an observation's fields, by which every observation is read. It accepts what
 * `observationSchema`, the public statement of the same, accepts: a differential test holds the two together.
 */
import { checkTimeMs, LIMITS, PATTERNS } from "@dgb-shield/contract";
import type { Field, ListRule, RecordRule, Rule, ValueRule } from "./field-table.js";
import {
  isAscending,
  MAX_BLOCKS,
  MAX_PEERS,
  MAX_SIGNATURES,
  MAX_TIPS,
  MAX_UNAVAILABLE,
  type Observation,
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
const HASH = matching(PATTERNS.hash256);
const COUNT = integer(0, Infinity);
const BOOLEAN = value((given) => typeof given === "boolean");

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

const TIP = record({ hash: HASH, height: COUNT, branchlen: COUNT, status: oneOf(TIP_STATUSES) });

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
        mempool: nullable(record({ count: COUNT, bytes: COUNT }, { fee_floor: COUNT })),
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
        peers: list(record({ group: ID, inbound: BOOLEAN, height: orNull(COUNT) }), MAX_PEERS),
        signatures: list(record({ r: HASH, key: ID }), MAX_SIGNATURES),
        unavailable: list(UNAVAILABLE, MAX_UNAVAILABLE),
      },
      true,
    ),
  ],
  conflict: ({ tip, reachable, syncing, blocks }: Observation) => {
    if (tip === null && reachable && !syncing) return "tip";
    return isAscending(blocks) ? undefined : "blocks";
  },
};

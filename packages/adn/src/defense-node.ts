/** The defence of one node: events in, lockdown state out (design: layer 3). */
import type { DefenseState } from "@dgb-shield/contract";
import { advance, settle } from "./advance.js";
import { type DefenseNodeConfig, type DefenseNodeConfigInput, parseConfig } from "./config.js";
import { type DefenseSnapshot, emptyModel, type ReleaseRecord } from "./model.js";
import { carryOut } from "./override.js";
import { recordEvent, recordFinding } from "./record-event.js";
import { stateOf } from "./state.js";

/** The defence of one node. No function of it throws; all times are milliseconds since 1970-01-01T00:00:00Z. */
export type DefenseNode = Readonly<{
  /** Takes events in; each is checked, and a malformed one is a critical `malformed_event`. */
  apply(events: readonly unknown[], nowMs: number): DefenseState;
  /** The state now. */
  state(nowMs: number): DefenseState;
  /**
   * Carries out an operator's order (an `OperatorOrder`). A refused order changes nothing; the
   * answer then has the action `refuse_order`, whose reason is a code and a path.
   */
  override(order: unknown, nowMs: number): DefenseState;
  /** The newest releases, oldest first. */
  releases(): readonly ReleaseRecord[];
  /** The whole memory as plain data, for `createDefenseNode({…, snapshot})` after a restart. */
  snapshot(): DefenseSnapshot;
}>;

/**
 * Makes the defence of one node.
 *
 * @throws AdnError `invalid_config` with the path of the first offending field
 * @example createDefenseNode({ node_id: "node-1" }).state(0).lockdown // "NONE"
 */
export function createDefenseNode(input: DefenseNodeConfigInput): DefenseNode {
  const config = parseConfig(input);
  let model = config.snapshot ?? emptyModel(config.node_id);
  return Object.freeze({
    apply(events: readonly unknown[], nowMs: number) {
      model = settle(recordBatch(advance(model, config, nowMs), config, events), config);
      return stateOf(model, config);
    },
    state(nowMs: number) {
      model = advance(model, config, nowMs);
      return stateOf(model, config);
    },
    override(order: unknown, nowMs: number) {
      const now = advance(model, config, nowMs);
      const outcome = carryOut(now, config, order);
      model = outcome.model ?? now;
      const refused = outcome.refusal;
      return stateOf(
        model,
        config,
        refused === undefined ? [] : [{ action: "refuse_order", reason: refused }],
      );
    },
    releases: () => copyOf(model.releases),
    snapshot: () => copyOf(model),
  });
}

const MAX_BATCH = 1_024;

function recordBatch(
  model: DefenseSnapshot,
  config: DefenseNodeConfig,
  events: unknown,
): DefenseSnapshot {
  const batch = readBatch(events);
  const recorded = (batch ?? []).reduce<DefenseSnapshot>(
    (current, event) => recordEvent(current, config, event),
    model,
  );
  if (batch !== undefined && batch.length < MAX_BATCH) return recorded;
  const summary = `batch is not an array of less than ${MAX_BATCH}`;
  return recordFinding(recorded, config, { type: "malformed_event", summary });
}

function readBatch(events: unknown): readonly unknown[] | undefined {
  try {
    return Array.isArray(events) ? Array.from<unknown>(events.slice(0, MAX_BATCH)) : undefined;
  } catch {
    return undefined;
  }
}

const copyOf = <T>(plain: T): T => JSON.parse(JSON.stringify(plain)) as T;

/** Nodes and operators that the user of a network view does not count (design section 4.2: muting). */
import { idSchema, copyUntrusted } from "@dgb-shield/contract";
import { z } from "zod";
import { DqsnConfigError } from "../errors.js";
import { nodeKeyOf } from "./severities.js";

/**
 * The target of muting: a node of any operator, a node of one operator, or an operator with all its nodes.
 * The kinds are distinct: an operator with a node's name is another target.
 */
export type MuteTarget =
  Readonly<{ node_id: string; operator?: string | undefined }> | Readonly<{ operator: string }>;

/** The muted targets by kind, each in UTF-16 order. */
export type MutedTargets = {
  node_ids: string[];
  operators: string[];
  operator_nodes: { operator: string; node_id: string }[];
};

/** The set of muted targets. */
export type Muting = Readonly<{
  /** Checks a target; returns the function that mutes it. */
  adding: (target: MuteTarget) => () => void;
  /** Checks a target; returns the function that unmutes it. */
  removing: (target: MuteTarget) => () => void;
  /** Whether a node that names this operator, or none, is muted. */
  isMuted: (nodeId: string, operator: string | undefined) => boolean;
  list: () => MutedTargets;
}>;

/** Most muted targets. */
export const MAX_MUTED = 10_000;

/**
 * Creates an empty set of muted targets.
 *
 * A malformed target throws DqsnConfigError `invalid_reporter`; one more than 10,000 `too_many_muted`.
 */
export function createMuting(): Muting {
  const muted = {
    node_ids: new Set<string>(),
    operators: new Set<string>(),
    operator_nodes: new Map<string, { operator: string; node_id: string }>(),
  };
  const size = (): number => muted.node_ids.size + muted.operators.size + muted.operator_nodes.size;
  return {
    adding: (target) => {
      const { node_id, operator } = readTarget(target);
      if (size() >= MAX_MUTED) {
        throw new DqsnConfigError("too_many_muted", "", `more than ${MAX_MUTED} muted targets`);
      }
      return () => {
        if (node_id === undefined) muted.operators.add(operator as string);
        else if (operator === undefined) muted.node_ids.add(node_id);
        else muted.operator_nodes.set(nodeKeyOf(node_id, operator), { operator, node_id });
      };
    },
    removing: (target) => {
      const { node_id, operator } = readTarget(target);
      return () => {
        if (node_id === undefined) muted.operators.delete(operator as string);
        else if (operator === undefined) muted.node_ids.delete(node_id);
        else muted.operator_nodes.delete(nodeKeyOf(node_id, operator));
      };
    },
    isMuted: (nodeId, operator) => {
      if (size() === 0) return false;
      if (muted.node_ids.has(nodeId)) return true;
      if (operator === undefined) return false;
      return muted.operators.has(operator) || muted.operator_nodes.has(nodeKeyOf(nodeId, operator));
    },
    list: () => ({
      node_ids: [...muted.node_ids].sort(),
      operators: [...muted.operators].sort(),
      operator_nodes: [...muted.operator_nodes]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, { operator, node_id }]) => ({ operator, node_id })),
    }),
  };
}

type ReadTarget = Readonly<{ node_id?: string | undefined; operator?: string | undefined }>;

const targetSchema = z.strictObject({
  node_id: idSchema.optional(),
  operator: idSchema.optional(),
});

function readTarget(target: unknown): ReadTarget {
  const plain = copyUntrusted(target, { maxDepth: 1, maxEntries: 2 });
  const read = targetSchema.safeParse(plain.ok ? plain.value : undefined);
  if (!read.success) throw invalid(String(read.error.issues.at(0)?.path.at(0) ?? ""));
  const node_id = Object.hasOwn(read.data, "node_id") ? read.data.node_id : undefined;
  const operator = Object.hasOwn(read.data, "operator") ? read.data.operator : undefined;
  if (node_id === undefined && operator === undefined) throw invalid("operator");
  return { node_id, operator };
}

const invalid = (field: string): DqsnConfigError =>
  new DqsnConfigError(
    "invalid_reporter",
    field === "" ? "" : `/${field}`,
    "not {node_id}, {node_id, operator} or {operator} with identifiers",
  );

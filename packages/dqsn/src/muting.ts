/** Reporters that an operator of the picture has chosen not to hear (DQSN v2, section 2). */
import { idSchema } from "@dgb-shield/contract";
import { DqsnConfigError } from "./errors.js";

/** A node, or everything one operator runs. */
export type Reporter = Readonly<{ node_id: string }> | Readonly<{ operator: string }>;

/** The muted nodes and operators, each in UTF-16 order. */
export type MutedReporters = { node_ids: string[]; operators: string[] };

/** The muted nodes and operators. */
export type Muting = Readonly<{
  add: (reporter: Reporter) => void;
  remove: (reporter: Reporter) => void;
  isMuted: (nodeId: string, operator: string) => boolean;
  list: () => MutedReporters;
}>;

/** Creates an empty set of muted reporters; a malformed reporter throws DqsnConfigError `invalid_reporter`. */
export function createMuting(): Muting {
  const muted = { node_id: new Set<string>(), operator: new Set<string>() };
  return {
    add: (reporter) => {
      const [kind, id] = kindAndId(reporter);
      muted[kind].add(id);
    },
    remove: (reporter) => {
      const [kind, id] = kindAndId(reporter);
      muted[kind].delete(id);
    },
    isMuted: (nodeId, operator) => muted.node_id.has(nodeId) || muted.operator.has(operator),
    list: () => ({
      node_ids: [...muted.node_id].sort(),
      operators: [...muted.operator].sort(),
    }),
  };
}

function kindAndId(reporter: Reporter): ["node_id" | "operator", string] {
  const kind = "node_id" in reporter ? "node_id" : "operator";
  const id = idSchema.safeParse("node_id" in reporter ? reporter.node_id : reporter.operator);
  if (id.success) return [kind, id.data];
  throw new DqsnConfigError("invalid_reporter", `/${kind}`, "not an identifier");
}

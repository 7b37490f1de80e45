/** Filters signals of other sites: none may use the site's own names (design, section 3). */
import { copyUntrusted } from "@dgb-shield/contract";

/** Bounds of a signal in memory; DQSN checks everything else, its size in bytes first. */
const BOUNDS = { maxDepth: 32, maxEntries: 4_096 } as const;
/** Signals of one call; what is beyond is rejected and counted. */
const MAX_SIGNALS = 65_536;

/**
 * Splits what another site sent into signals for DQSN and a count of rejected ones:
 * those that are not plain objects, and those in the name of an own node or of the own operator, which
 * only the own Sentinel may report.
 */
export function foreignSignals(
  signals: unknown,
  own: OwnNames,
): Readonly<{ foreign: readonly unknown[]; refused: number }> {
  const given = listOf(signals);
  if (given === undefined) return { foreign: [], refused: 1 };
  const foreign = given.flatMap((signal) => {
    const copy = copyUntrusted(signal, BOUNDS);
    return copy.ok && !isOwn(copy.value, own) ? [copy.value] : [];
  });
  return { foreign, refused: (signals as readonly unknown[]).length - foreign.length };
}

/** The members of a list; undefined for what is none, or throws when it is read. */
function listOf(signals: unknown): readonly unknown[] | undefined {
  try {
    if (!Array.isArray(signals)) return undefined;
    const length = Math.min(signals.length, MAX_SIGNALS);
    return Array.from({ length }, (_, index) => signals[index] as unknown);
  } catch {
    return undefined;
  }
}

type OwnNames = Readonly<{ operator: string; hasNode: (nodeId: string) => boolean }>;

/** Whether a signal has an own name; also one that a consumer has checked already, which holds the signal as `signal`. */
export const isOwnSignal = (signal: unknown, own: OwnNames): boolean =>
  isOwn(signal, own) || isOwn((signal as Readonly<{ signal?: unknown }> | null)?.signal, own);

function isOwn(signal: unknown, { operator, hasNode }: OwnNames): boolean {
  if (typeof signal !== "object" || signal === null) return false;
  const { node_id, operator: named } = signal as Readonly<Record<string, unknown>>;
  return (typeof node_id === "string" && hasNode(node_id)) || named === operator;
}

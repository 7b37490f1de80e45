/** Runs the audit beside the service: takes records in, signs checkpoints when they are due, hands them on. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Ledger, LedgerRecord } from "@dgb-shield/wallet-guardian";
import {
  type Checkpoint,
  openRecord,
  proveRecords,
  type ProvenRecord,
  saltedLeafHash,
  saltsFrom,
} from "@dgb-shield/wallet-guardian/audit";
import { type CheckpointLine, readLine } from "./checkpoint-line.js";
import { createExporter, type ExporterParts, type ExportState } from "./export/exporter.js";
import type { ExportHook } from "./export/hook.js";
import { createTreeKeeper, type TreeKeeperParts } from "./tree-keeper.js";

/** What an auditor is made of. */
export type AuditorParts = TreeKeeperParts &
  Readonly<{
    ledger: Pick<Ledger, "records" | "identity">;
    /** A checkpoint is due when so many records are new, */
    every_records: number;
    /** or when there is a new one and so many milliseconds have passed since the last checkpoint. */
    every_ms: number;
    hooks: readonly ExportHook[];
    /** Milliseconds of a clock that does not jump. */
    monotonic: () => number;
    /** Whether this process is the one that decides; another one's tree is left to it. */
    is_active: () => boolean;
    /** Between two looks at the ledger, in milliseconds. */
    poll_ms?: number;
    retry_ms?: ExporterParts["retry_ms"];
  }>;

/** How the audit stands. */
export type AuditState = Readonly<{
  /** Records in the tree. */
  tree_size: number;
  /** Records that the last checkpoint covers, and when it was signed; null before the first one of this epoch. */
  checkpoint_size: number | null;
  checkpoint_at_ms: number | null;
  failures: number;
  /** Why the tree is not kept at the moment; null while it is. */
  failure: string | null;
  exports: readonly ExportState[];
}>;

/** A record with its place in the last signed tree. */
export type RecordProof = Readonly<{
  record: ProvenRecord;
  checkpoint: CheckpointLine["checkpoint"];
}>;

/** Why a record that is there is not proven. */
export type Unproven = "not_covered" | "record_differs";

/** The audit of one deployment. */
export type Auditor = Readonly<{
  state(): AuditState;
  /** Takes in what there is, and signs where that is due, or where `now` is set. */
  round(options?: Readonly<{ now?: boolean }>): Promise<void>;
  /**
   * Proves a record; `not_covered` while no checkpoint of the epoch covers it, `record_differs` where it is not the one that
   * was signed, null where there is none.
   */
  prove(seq: number): Promise<RecordProof | Unproven | null>;
  /** The leaf of a record, as it is or will be in the tree. */
  leafOf(record: LedgerRecord): Promise<string>;
  /** Takes in and signs what is left, and ends. */
  close(): Promise<void>;
}>;

const POLL_MS = 5_000;
/** What the last checkpoint has to be taken by an export when the service ends, in milliseconds. */
const CLOSE_MS = 2_000;

/** Starts an auditor. What fails in it is logged once and counted, and tried again; no decision waits for it. */
export function createAuditor(parts: AuditorParts): Auditor {
  const { warn, monotonic, hooks, checkpoints, retry_ms } = parts;
  const keeper = createTreeKeeper(parts);
  const exporters = hooks.map((hook) =>
    createExporter({
      ...{ hook, store: checkpoints, warn },
      ...(retry_ms === undefined ? {} : { retry_ms }),
    }),
  );
  const stopping = new AbortController();
  const state = { tree_size: 0, failures: 0, failure: null as string | null };
  let signedAtMs = monotonic();
  let turn: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const mine = turn.then(task);
    turn = mine.catch(() => undefined);
    return mine;
  };

  const isDue = (last: Checkpoint | null): boolean => {
    const fresh = state.tree_size - (last?.tree_size ?? 0);
    return (
      fresh >= parts.every_records || (fresh > 0 && monotonic() - signedAtMs >= parts.every_ms)
    );
  };

  const take = async (isNow: boolean): Promise<void> => {
    if (!parts.is_active()) return;
    state.tree_size = await keeper.catchUp();
    if (isNow || isDue(keeper.last())) {
      if ((await keeper.checkpoint()) !== null) signedAtMs = monotonic();
    }
  };

  const round = (isNow: boolean): Promise<void> =>
    inTurn(async () => {
      try {
        await take(isNow);
        if (state.failure !== null) warn("audit: the tree is kept again");
        state.failure = null;
      } catch (error) {
        const failure = error instanceof Error ? error.message : String(error);
        state.failures++;
        if (state.failure !== failure) warn(`audit: no checkpoint is signed: ${failure}`);
        state.failure = failure;
      }
      for (const exporter of exporters) exporter.wake();
    });

  const loop = (async () => {
    while (!stopping.signal.aborted) {
      await round(false);
      const options = { signal: stopping.signal, ref: false };
      await sleep(parts.poll_ms ?? POLL_MS, undefined, options).catch(() => undefined);
    }
  })();
  const closing = { done: undefined as Promise<void> | undefined };

  return Object.freeze({
    state: () => ({
      ...state,
      checkpoint_size: keeper.last()?.tree_size ?? null,
      checkpoint_at_ms: keeper.last()?.at_ms ?? null,
      exports: exporters.map((exporter) => exporter.state()),
    }),
    round: ({ now = false } = {}) => round(now),
    async leafOf(record) {
      const [salt = null] = await saltsFrom(parts.salts, record.seq - 1, 1);
      return saltedLeafHash(record, salt);
    },
    prove: (seq) => inTurn(() => provenBy(parts, keeper.last(), seq)),
    close() {
      closing.done ??= (async () => {
        stopping.abort();
        await loop;
        await round(true);
        await Promise.all(exporters.map((exporter) => exporter.close(CLOSE_MS)));
        await checkpoints.close();
      })();
      return closing.done;
    },
  } satisfies Auditor);
}

async function provenBy(
  { ledger, hashes, salts, checkpoints }: AuditorParts,
  last: Checkpoint | null,
  seq: number,
): Promise<RecordProof | Unproven | null> {
  const [record] = await ledger.records(seq - 1, 1);
  if (record?.seq !== seq) return null;
  if (last === null || last.tree_size < seq) return "not_covered";
  const line = readLine(await checkpoints.line(await checkpoints.count()));
  if (line === undefined) return "not_covered";
  try {
    const [salt = null] = await saltsFrom(salts, seq - 1, 1);
    const [proven] = await proveRecords(hashes, [openRecord(record, salt)], line.stated);
    return proven === undefined ? null : { record: proven, checkpoint: line.line.checkpoint };
  } catch (error) {
    if (error instanceof RangeError) return "record_differs";
    throw error;
  }
}

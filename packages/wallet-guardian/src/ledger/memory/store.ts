/** The data of the memory ledger. */
import type {
  LedgerRecord,
  StoredDestination,
  StoredFreeze,
  StoredPolicy,
  StoredWithdrawal,
} from "../../ports.js";
import type { Acceptance } from "../../clock/time.js";
import type { MemoryScope } from "./scope.js";

/** The data of a memory ledger. */
export type Store = {
  readonly withdrawals: Map<string, StoredWithdrawal>;
  /** By scope key. */
  readonly scopes: Map<string, MemoryScope>;
  /** By kind, scope and, of operators' orders, cause. */
  readonly freezes: Map<string, StoredFreeze>;
  /** Latest freeze of each account, by wallet and account. */
  readonly accountFreezes: Map<string, Map<string, number>>;
  /** By owner and script. */
  readonly destinations: Map<string, StoredDestination>;
  readonly policies: Map<string, StoredPolicy>;
  records: LedgerRecord[];
  /** Number of the last record. */
  seq: number;
  accepted: Acceptance;
};

/** A store that nothing has touched yet. */
export const newStore = (): Store => ({
  withdrawals: new Map(),
  scopes: new Map(),
  freezes: new Map(),
  accountFreezes: new Map(),
  destinations: new Map(),
  policies: new Map(),
  records: [],
  seq: 0,
  accepted: Object.freeze({ count: 0, at_ms: 0 }),
});

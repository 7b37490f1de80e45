/** What a case of the matrix is, and where it runs. */
import type { Store } from "../stores/store.js";

/** How long the cases are. */
export type Size = Readonly<{ requests: number; rounds: number; seconds: number }>;

/** Where a case runs. */
export type Place = Readonly<{
  worker: string;
  store: Store;
  size: Size;
  progress: (text: string) => void;
  /** Lets the disk of the ledger be full, and not any more; absent where that cannot be done. */
  disk?: Readonly<{ fill(): void; free(): void }>;
  /** Stops the server of the ledger at once, and starts it again. */
  restart?: () => Promise<void>;
}>;

/** What a case came to: nothing wrong, or what. */
export type Verdict = Readonly<{ faults: readonly string[]; figures: string }>;

/** A case. */
export type MatrixCase = Readonly<{
  name: string;
  needs?: "postgres" | "disk" | "restart" | "strace";
  run(place: Place): Promise<Verdict>;
}>;

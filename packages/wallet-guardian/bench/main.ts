/** The benchmarks of this package: `pnpm --filter @dgb-shield/wallet-guardian bench`. */
import { compareDurable } from "./durable.js";
import { compareHistories } from "./history.js";
import { comparePostgres } from "./postgres.js";
import { comparePostgresProcesses } from "./postgres-processes.js";

await compareDurable();
await comparePostgres();
await comparePostgresProcesses();
await compareHistories([1_000, 1_000_000]);

/**
 * `pnpm fuzz [--count requests] [--seed seed]`: sends random requests, 1,000,000 by default, to a service over real HTTP:
 * by its OpenAPI document and against it. Stops at the first answer that is not as documented, an internal error, or
 * shows something of the inside. Requests depend on the seed alone; a failure prints its request.
 */
import { parseArgs } from "node:util";
import { runHostileSession } from "../test/support/hostile-session.js";
import { startHttpService } from "../test/support/http-service.js";

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== "--"),
  options: {
    count: { type: "string", default: "1000000" },
    seed: { type: "string", default: "1" },
  },
});
const [count, seed] = [Number(values.count), Number(values.seed)];
if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(seed)) {
  console.error("usage: fuzz [--count requests, at least 1] [--seed seed]");
  process.exit(2);
}

const http = await startHttpService({ log: false });
try {
  const statuses = await runHostileSession(http, {
    count,
    seed,
    report: (done) => console.error(`${done} of ${count} requests, ${memory()} MB`),
  });
  const found = [...statuses]
    .sort(([a], [b]) => a - b)
    .map(([status, times]) => `${status}: ${times}`);
  console.log(`${count} requests, all answered as documented: ${found.join(", ")}; ${memory()} MB`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await http.close();
}

function memory(): number {
  return Math.round(process.memoryUsage().rss / 1_048_576);
}

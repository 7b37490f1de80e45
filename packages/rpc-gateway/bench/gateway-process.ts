/** A gateway in a process of its own, for the benchmark: prints its address, and its memory for each line that it reads. */
import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { litecoinRegtest } from "@dgb-shield/chain";
import { createGateway, hashPassword } from "../src/adapters/server/index.js";
import { createMemoryHook } from "../test/support/memory-hook.js";
import { testPolicy } from "../test/support/policy.js";

const [url = "", cookie_file = "", password = ""] = process.argv.slice(2);
const password_sha256 = hashPassword(password, new Uint8Array(randomBytes(16)));
const gateway = createGateway(
  {
    clients: [
      { name: "reader", password_sha256, role: "chain_reader" },
      { name: "flood", password_sha256, role: "chain_reader" },
      { name: "payouts", password_sha256, role: "spender", wallets: ["hot"] },
    ],
    settlement: { interval_ms: 3_600_000 },
  },
  {
    ...{ node: { url, auth: { cookie_file } }, policy: testPolicy(100_000_000) },
    ...{ hook: createMemoryHook(), chain: litecoinRegtest, nowMs: Date.now },
    monotonicMs: () => performance.now(),
  },
);
console.log(await gateway.listen(0));
createInterface({ input: process.stdin }).on("line", () => {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  console.log(JSON.stringify({ heapUsed, rss, cpu_us: process.cpuUsage() }));
});
process.stdin.on("end", () => process.exit());

/** The service under load, in a process of its own: as `shield serve` runs it, over a live node and a SQLite ledger. */
import { randomBytes } from "node:crypto";
import { parsePolicy } from "@dgb-shield/wallet-guardian";
import { Registry } from "prom-client";
import { createHttpServer, createLog } from "../../src/service/http/index.js";
import { addKeys } from "../../src/service/keys/change-keys.js";
import { createKeyring } from "../../src/service/keys/keyring.js";
import { deploy, until } from "../../test/support/service.js";
import { answerMemory, type Started } from "./processes.js";

const [, , url = "", cookie_file = ""] = process.argv;
const deployment = await deploy({
  nodes: [{ node_id: "node-1", url, auth: { cookie_file } }],
  guardian: parsePolicy({
    ...{ max_per_tx: "1000000", max_24h: "10000000000", cooldown_seconds: 0, claim: "explicit" },
  }),
});
const service = await deployment.start();
const path = deployment.config.keys_file;
const none = { wallets: null, reports_for: null, expires_at_ms: null };
const [key] = await addKeys(
  { path, nowMs: Date.now, random: randomBytes },
  [{ role: "wallet", name: "load", ...none }],
  { create: true },
);
const app = await createHttpServer({
  service,
  keyring: createKeyring({ path, monotonic: () => performance.now() }),
  settings: { ...deployment.config.http, tls: null },
  log: createLog({ level: "info", format: "json" }),
  registry: new Registry(),
  clock: Date.now,
  monotonic: () => performance.now(),
});
const address = await app.listen({ host: "127.0.0.1", port: 0 });
await until(service.status, ({ state }) => state === "open", 120_000);
answerMemory();
process.once("disconnect", () => {
  void app
    .close()
    .then(() => service.close())
    .finally(() => {
      deployment.remove();
      process.exit(0);
    });
});
process.send?.({ url: address, token: key?.token ?? "" } satisfies Started);

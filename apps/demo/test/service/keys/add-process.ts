/** A process that adds keys one after the other: `<file> <count> <name>`; prints each id that was acknowledged. */
import { randomBytes } from "node:crypto";
import { addKeys } from "../../../src/service/keys/change-keys.js";

const [path = "", count = "0", name = ""] = process.argv.slice(2);
const store = { path, nowMs: Date.now, random: randomBytes };
for (let at = 0; at < Number(count); at++) {
  const request = {
    role: "reader",
    name: `${name}-${at}`,
    wallets: null,
    reports_for: null,
    expires_at_ms: null,
  } as const;
  const [added] = await addKeys(store, [request], { create: true });
  process.stdout.write(`${added?.key.id ?? "none"}\n`);
}

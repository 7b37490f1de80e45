/** Runs the receiver: `node main.js <folder> [port] [ids that it keeps]`. */
import { mkdir } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createReceiver } from "./receiver.js";
import { openStore } from "./store.js";

const [folder, port = "8787", maxIds = "100000"] = process.argv.slice(2);
if (folder === undefined || !/^\d+$/.test(port) || !/^[1-9]\d*$/.test(maxIds)) {
  console.error("usage: receiver <folder> [port] [ids that it keeps]");
  process.exit(2);
}
await mkdir(folder, { recursive: true, mode: 0o700 });
const store = await openStore(folder, Number(maxIds));
const server = createReceiver(store);
server.listen(Number(port), "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  console.log(`listening on http://127.0.0.1:${port}/events`);
});
process.once("SIGTERM", () => {
  server.close(() => void store.close());
  server.closeIdleConnections();
});

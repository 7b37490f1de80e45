/**
 * `pnpm incident`: an incident that all operators see, streamed to many clients, some of which read nothing.
 * The server has the heap that the README states. OPERATORS, CLIENTS, STALLED, CHANGES, HEAP_MB: 100,000, 1,000, 100, 2,000, 640.
 */
import { spawn } from "node:child_process";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

const from = (name: string, byDefault: number): number => Number(process.env[name] ?? byDefault);
const OPERATORS = from("OPERATORS", 100_000);
const CLIENTS = from("CLIENTS", 1_000);
const STALLED = from("STALLED", 100);
const CHANGES = from("CHANGES", 2_000);
const HEAP_MB = from("HEAP_MB", 640);
/** Changes that the slowest reader may be behind before the next one. */
const LEAD = 8;
const MARK = Buffer.from("event: change");

const server = spawn(
  process.execPath,
  [
    `--max-old-space-size=${HEAP_MB}`,
    join(import.meta.dirname, "incident-server.js"),
    String(OPERATORS),
  ],
  { stdio: ["pipe", "pipe", "inherit"] },
);
const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
const port = Number((await lines.next()).value);

/** A client that counts the changes it gets. */
type Reader = { changes: number; tail: Buffer; isOpen: boolean };

function open(): Socket {
  const socket = connect(port, "127.0.0.1").on("error", () => undefined);
  socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  return socket;
}

function read(): Reader {
  const reader: Reader = { changes: 0, tail: Buffer.alloc(0), isOpen: true };
  open()
    .on("close", () => (reader.isOpen = false))
    .on("data", (chunk) => {
      const data = Buffer.concat([reader.tail, chunk]);
      let end = 0;
      for (let at = data.indexOf(MARK); at !== -1; at = data.indexOf(MARK, end)) {
        reader.changes++;
        end = at + MARK.length;
      }
      reader.tail = data.subarray(Math.max(end, data.length - MARK.length + 1));
    });
  return reader;
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

async function ask(what: string): Promise<Record<string, number>> {
  server.stdin.write(`${what}\n`);
  return JSON.parse(String((await lines.next()).value)) as Record<string, number>;
}

const readers = Array.from({ length: CLIENTS - STALLED }, read);
for (let i = 0; i < STALLED; i++) open().pause();
while ((await ask("stats"))["clients"] !== CLIENTS) await pause(20);

const begun = performance.now();
for (let change = 1; change <= CHANGES; change++) {
  server.stdin.write("change\n");
  while (readers.some(({ changes, isOpen }) => isOpen && changes < change - LEAD)) await pause(1);
}
while (readers.some(({ changes, isOpen }) => isOpen && changes < CHANGES)) await pause(5);
const seconds = (performance.now() - begun) / 1_000;

const delivered = readers.reduce((sum, { changes }) => sum + changes, 0);
const lost = readers.filter(({ changes }) => changes !== CHANGES).length;
const stats = await ask("stats");
console.log(
  `${OPERATORS} critical operators, ${CLIENTS} clients of which ${STALLED} read nothing, ${CHANGES} changes, heap of ${HEAP_MB} MB`,
);
console.table({
  "changes delivered": delivered,
  "a second": Math.round(delivered / seconds),
  "readers that missed one": lost,
  "clients cut off": stats["cutOff"],
  "clients at the end": stats["clients"],
  "bytes waiting, most": stats["mostBuffered"],
  "bytes of history": stats["historyBytes"],
  "heap peak MB": stats["heapPeakMb"],
  "RSS peak MB": stats["rssPeakMb"],
});
server.stdin.end();
if (lost > 0) throw new Error(`${lost} readers missed changes`);
process.exit(0);

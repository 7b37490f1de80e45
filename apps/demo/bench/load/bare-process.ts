/** What the service is compared with: a bare Fastify handler that makes one durable commit for each request. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Fastify from "fastify";
import { answerMemory, type Started } from "./processes.js";

type Database = Readonly<{
  pragma(text: string): unknown;
  exec(text: string): unknown;
  prepare(text: string): Readonly<{ run(...values: readonly string[]): unknown }>;
  close(): void;
}>;

// An optional dependency of the root; its types belong to another package.
const name = "better-sqlite3";
const { default: Sqlite } = (await import(name)) as { default: new (path: string) => Database };

const folder = mkdtempSync(join(tmpdir(), "shield-bare-"));
const database = new Sqlite(join(folder, "bare.sqlite"));
database.pragma("journal_mode = WAL");
database.pragma("synchronous = FULL");
database.exec(
  "CREATE TABLE requests (id INTEGER PRIMARY KEY, path TEXT NOT NULL, body TEXT NOT NULL) STRICT",
);
const insert = database.prepare("INSERT INTO requests (path, body) VALUES (?, ?)");

const app = Fastify();
app.put("/v1/payments/:id", (request, reply) => {
  insert.run(request.url, JSON.stringify(request.body));
  return reply.send({ recorded: true });
});
const url = await app.listen({ host: "127.0.0.1", port: 0 });
answerMemory();
process.once("disconnect", () => {
  void app.close().finally(() => {
    database.close();
    rmSync(folder, { recursive: true, force: true });
    process.exit(0);
  });
});
process.send?.({ url, token: "" } satisfies Started);

/** A server that ends connections at the wrong moment never ends the process (design, section 7: ledgers). */
import { EventEmitter } from "node:events";
import net, { type AddressInfo } from "node:net";
import pg from "pg";
import { afterEach, describe, expect, it } from "vitest";
import { createPostgresLedger, type PostgresPool } from "../../../src/adapters/postgres/index.js";
import { harness, said } from "../../support/guardian.js";
import { hasPostgres, newPool, newSchema, POSTGRES_URL } from "../../support/postgres.js";

const LIMITED = { max_24h: "10" };

/** The server's last message: terminating connection due to administrator command. */
function fatal(): Buffer {
  const text = "terminating connection due to administrator command";
  const fields = Buffer.from(["SFATAL", "VFATAL", "C57P01", `M${text}`, ""].join("\0") + "\0");
  const head = Buffer.alloc(5);
  head.write("E");
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

/** Readiness for the next query, inside or outside a transaction. */
const READY = Buffer.from("Z\0\0\0\x05");

describe.skipIf(!hasPostgres)("a connection that the server ends", () => {
  const cleanUps: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0)) await cleanUp();
  });

  /** A pool through a proxy that ends connections in the same piece as the `nth` readiness. */
  async function proxied(nth: number): Promise<pg.Pool> {
    const { hostname, port, username, pathname } = new URL(POSTGRES_URL);
    const proxy = net.createServer((client) => {
      const server = net.connect(Number(port || 5432), hostname);
      let ready = 0;
      client.pipe(server);
      server.on("data", (data) => {
        if (data.includes(READY) && ++ready === nth) {
          client.end(Buffer.concat([data, fatal()]));
          server.destroy();
        } else client.write(data);
      });
      for (const socket of [client, server]) socket.on("error", () => undefined);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const pool = new pg.Pool({
      host: "127.0.0.1",
      port: (proxy.address() as AddressInfo).port,
      user: username,
      database: pathname.slice(1),
      max: 2,
    });
    cleanUps.push(
      () => pool.end(),
      () => proxy.close(),
    );
    return pool;
  }

  it.each([1, 2, 3, 4, 5, 8, 12])(
    "with its %i. readiness leads to a refusal at most, and throws nothing",
    async (nth) => {
      const thrown: unknown[] = [];
      const onThrown = (error: unknown) => thrown.push(error);
      process.on("uncaughtException", onThrown);
      try {
        const pool = await proxied(nth);
        const schema = newSchema();
        const direct = newPool(1);
        cleanUps.push(
          () => direct.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`),
          () => direct.end(),
        );
        const ledger = createPostgresLedger({ pool, schema, limitMs: 60_000 });
        const answer = said(await harness(LIMITED, ledger).ask("w", "1"));
        expect(["REJECT ledger_unavailable", "ALLOW within_limits"]).toContain(answer);
        if (nth === 1) expect(answer).toBe("REJECT ledger_unavailable");
        await new Promise((resolve) => setTimeout(resolve, 20));
        expect(thrown).toEqual([]);
      } finally {
        process.off("uncaughtException", onThrown);
      }
    },
  );
});

describe("a pool", () => {
  class Client extends EventEmitter {
    query = () => Promise.reject(new Error("connection lost"));
    release = () => undefined;
  }

  it.each(["at once", "after the query"])(
    "whose client emits an error %s throws nothing",
    async (when) => {
      const client = new Client();
      const pool: PostgresPool & EventEmitter = Object.assign(new EventEmitter(), {
        connect: () => {
          pool.emit("acquire", client);
          if (when === "at once") client.emit("error", new Error("57P01"));
          return Promise.resolve(client);
        },
      });
      const { ask } = harness(LIMITED, createPostgresLedger({ pool }));
      expect(said(await ask("w", "1"))).toBe("REJECT ledger_unavailable");
      expect(() => client.emit("error", new Error("later"))).not.toThrow();
      expect(() => pool.emit("error", new Error("idle"))).not.toThrow();
    },
  );

  it("gets one listener, and so do its clients, whatever the number of ledgers and calls", async () => {
    const client = new Client();
    const pool: PostgresPool & EventEmitter = Object.assign(new EventEmitter(), {
      connect: () => {
        pool.emit("acquire", client);
        return Promise.resolve(client);
      },
    });
    for (let n = 0; n < 20; n++) {
      await harness(LIMITED, createPostgresLedger({ pool })).ask("w", "1");
    }
    const counts = [pool.listenerCount("error"), pool.listenerCount("acquire")];
    expect([...counts, client.listenerCount("error")]).toEqual([1, 1, 1]);
  });
});

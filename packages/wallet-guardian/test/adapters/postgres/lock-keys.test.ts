import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Ledger } from "../../../src/index.js";
import { hasPostgres, newPostgresLedger, newSchema, POSTGRES_URL } from "../../support/postgres.js";

describe.skipIf(!hasPostgres)("the locks of a PostgreSQL ledger", () => {
  const schema = newSchema();
  const clients: pg.Client[] = [];
  let ledger: Ledger;
  const connect = async () => {
    const client = new pg.Client({ connectionString: POSTGRES_URL });
    await client.connect();
    clients.push(client);
    await client.query(`SET search_path TO ${schema}`);
    return client;
  };

  beforeAll(async () => {
    ledger = newPostgresLedger({ schema });
    await ledger.identity();
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.end()));
    await ledger.close();
  });

  it("are reported as held while another transaction makes a further one", async () => {
    const [holder, maker, asker] = [await connect(), await connect(), await connect()];
    await holder.query("INSERT INTO locks VALUES ('wallet:a')");
    await holder.query("BEGIN; SELECT FROM locks WHERE key = 'wallet:a' FOR UPDATE");
    await maker.query("BEGIN; INSERT INTO locks VALUES ('wallet:b')");
    const { rows: own } = await asker.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    const asked = asker.query<{ held: string[] }>(
      "SELECT lock_keys('{wallet:a,wallet:b}', false) AS held",
    );
    for (let isWaiting = false; !isWaiting;) {
      const { rows } = await maker.query<{ waits: boolean }>(
        "SELECT cardinality(pg_blocking_pids($1)) > 0 AS waits",
        [own[0]?.pid],
      );
      isWaiting = rows[0]?.waits === true;
    }
    await maker.query("COMMIT");
    expect((await asked).rows[0]?.held).toEqual(["wallet:a"]);
    await holder.query("ROLLBACK");
  });
});

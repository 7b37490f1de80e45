/** What happens to a ledger while clients are at work. */
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { Place } from "../cases/case.js";

/** Goes on until the clients are done, or its time is over. */
export type InjectedFault = (place: Place, done: () => boolean) => Promise<void>;

/** Another connection holds the lock for longer than any client waits, again and again. */
export const holdLocks: InjectedFault = async ({ store, size }, done) => {
  const end = performance.now() + size.seconds * 1_000;
  while (!done() && performance.now() < end) {
    const release = await store.hold();
    await sleep(50 + Math.random() * 400);
    await release();
    await sleep(Math.random() * 60);
  }
};

/** Ends server processes of the clients' connections whose present statement is like one of some. */
function cutting(statements: string, pauseMs: number): InjectedFault {
  return async ({ store, size }, done) => {
    if (store.address.kind !== "postgres") return;
    const client = new pg.Client({ connectionString: store.address.url });
    await client.connect();
    const end = performance.now() + size.seconds * 1_000;
    while (!done() && performance.now() < end) {
      await client.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE pid <> pg_backend_pid() AND application_name = $1 AND ${statements}`,
        [store.address.schema],
      );
      await sleep(Math.random() * pauseMs);
    }
    await client.end();
  };
}

/** Every connection of the clients is cut, again and again. */
export const cut = cutting("true", 60);

/** Connections are cut while their transaction is being made durable: one in three of those that are. */
export const cutInCommit = cutting(
  `state <> 'idle' AND (query LIKE '%ledger_write%' OR query LIKE '%COMMIT%' OR query LIKE '%make_durable%') AND random() < 0.3`,
  15,
);

/** The database's clock steps back by hours, again and again. */
export const stepDatabaseBack: InjectedFault = async ({ store, size }, done) => {
  if (store.address.kind !== "postgres") return;
  const client = new pg.Client({ connectionString: store.address.url });
  await client.connect();
  for (let hours = 1; !done() && hours < size.seconds * 20; hours++) {
    await client.query(`CREATE OR REPLACE FUNCTION ${store.address.schema}.now_ms() RETURNS bigint
      LANGUAGE sql VOLATILE AS $$ SELECT floor(extract(epoch FROM clock_timestamp()
        - interval '${hours} hours') * 1000)::bigint $$`);
    await sleep(50);
  }
  await client.end();
};

/** The disk is full, three times. */
export const fillDisk: InjectedFault = async ({ disk, size }, done) => {
  for (let times = 0; times < 3 && !done(); times++) {
    disk?.fill();
    await sleep(Math.min(1_000, size.seconds * 100));
    disk?.free();
    await sleep(100);
  }
  disk?.free();
};

/** The server is stopped without any goodbye, and started again. */
export const restartServer: InjectedFault = async ({ restart, size }, done) => {
  for (let times = 0; times < Math.ceil(size.seconds / 5) && !done(); times++) {
    await sleep(100 + Math.random() * 200);
    await restart?.();
  }
};

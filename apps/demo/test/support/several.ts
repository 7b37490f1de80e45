/** Several services on one PostgreSQL schema, for tests. */
import { randomBytes } from "node:crypto";
import type { RegtestNode } from "@dgb-shield/testkit/litecoind";
import { createPostgresLedger } from "@dgb-shield/wallet-guardian/postgres";
import pg from "pg";
import type { ServiceConfig } from "../../src/service/config/service-config.js";
import { POSTGRES_URL } from "./postgres.js";
import { deploy, type Deployment } from "./service.js";

/** A schema with a ledger. */
export type SharedSchema = Readonly<{ schema: string; pool: pg.Pool; drop(): Promise<void> }>;

/** Makes a schema with an empty ledger. */
export async function makeSchema(): Promise<SharedSchema> {
  const schema = `several_${randomBytes(5).toString("hex")}`;
  const pool = new pg.Pool({ connectionString: POSTGRES_URL, max: 4 });
  const ledger = createPostgresLedger({ pool, schema, create: true });
  await ledger.identity();
  await ledger.close();
  return {
    ...{ schema, pool },
    async drop() {
      await pool.query(`DROP SCHEMA ${schema} CASCADE`);
      await pool.end();
    },
  };
}

/** Makes one deployment on a schema; each has a folder of its own. */
export const deployOn = (
  { schema }: SharedSchema,
  nodes: readonly RegtestNode[],
  fields: Partial<ServiceConfig> = {},
): Promise<Deployment> =>
  deploy({
    ledger: { kind: "postgres", url: POSTGRES_URL, schema },
    nodes: nodes.map(({ url, cookieFile }, i) => ({
      ...{ node_id: `node-${i + 1}`, url, auth: { cookie_file: cookieFile } },
    })),
    min_fresh_nodes: Math.floor(nodes.length / 2) + 1,
    ...fields,
  });

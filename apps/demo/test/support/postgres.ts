/** PostgreSQL for tests. */
import { missingPostgres } from "@dgb-shield/testkit/services";
import pg from "pg";

/** Where the tests' server is. */
export const POSTGRES_URL =
  process.env["SHIELD_TEST_DATABASE_URL"] ?? "postgres://postgres@127.0.0.1:5432/test";

/** Whether it answers; skipped, or a failure with `REQUIRE_SERVICES=1`, where it does not. */
export async function hasPostgres(): Promise<boolean> {
  const client = new pg.Client({ connectionString: POSTGRES_URL, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return missingPostgres(POSTGRES_URL);
  }
}

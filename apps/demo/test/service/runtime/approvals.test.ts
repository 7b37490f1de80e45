/** Signed approvals as they are kept: in a file, and in a table of PostgreSQL, alike. */
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPostgresLedger } from "@dgb-shield/wallet-guardian/postgres";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createApprovalFile } from "../../../src/service/runtime/approvals/file.js";
import {
  type ApprovalStore,
  MAX_APPROVALS,
  MAX_OF_APPROVER,
} from "../../../src/service/runtime/approvals/store.js";
import { createApprovalTable } from "../../../src/service/runtime/approvals/table.js";
import type { PaymentApproval } from "../../../src/service/service.js";
import { hasPostgres, POSTGRES_URL } from "../../support/postgres.js";

const NOW_MS = Date.UTC(2026, 10, 1);
const HOUR_MS = 3_600_000;
const clock = { now: NOW_MS };

const signedOf = (key_id: string, hours: number, more: object = {}): PaymentApproval => ({
  ...{ payment_id: "p-1", approver: "ann", approved_at_ms: clock.now, binds: "ab".repeat(32) },
  signed: { key_id, expires_at_ms: NOW_MS + hours * HOUR_MS, signature: `${key_id}-${hours}` },
  ...more,
});

/** By which key, and until when in hours, of what counts now. */
const standing = async (store: ApprovalStore): Promise<string[]> =>
  (await store.of("p-1"))
    .map(({ approver, signed }) =>
      signed === undefined
        ? `${approver} by role`
        : `${approver} ${signed.key_id} ${(signed.expires_at_ms - NOW_MS) / HOUR_MS}`,
    )
    .sort();

const folder = mkdtempSync(join(tmpdir(), "shield-approvals-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const schema = `approvals_${randomUUID().slice(0, 8)}`;
const pool = new pg.Pool({ connectionString: POSTGRES_URL, max: 4 });
const hasDatabase = await hasPostgres();
afterAll(() => pool.end());

let files = 0;
const inFile = {
  begin() {
    files++;
    return Promise.resolve();
  },
  open: () => Promise.resolve(createApprovalFile(join(folder, `${files}.jsonl`), () => clock.now)),
};
const inTable = {
  begin: async () => {
    const known = await pool.query("SELECT to_regclass($1) AS found", [
      `${schema}.service_approvals`,
    ]);
    if ((known.rows[0] as { found: unknown }).found === null) return;
    await pool.query(`DELETE FROM ${schema}.service_approvals`);
    await pool.query(`DELETE FROM ${schema}.service_signed_only`);
  },
  open: () => createApprovalTable(pool, schema, () => clock.now),
};

const PLACES = [
  ["a file", inFile, true],
  ["a table", inTable, hasDatabase],
] as const;

describe.each(PLACES)("signed approvals in %s", (_, place, isThere) => {
  beforeAll(async () => {
    if (place !== inTable || !hasDatabase) return;
    const ledger = createPostgresLedger({ pool, schema, create: true });
    await ledger.identity();
    await ledger.close();
  });
  afterAll(async () => {
    if (place === inTable && hasDatabase) await pool.query(`DROP SCHEMA ${schema} CASCADE`);
  });
  beforeEach(async () => {
    clock.now = NOW_MS;
    if (isThere) await place.begin();
  });
  const test = it.skipIf(!isThere);

  test("are there for the next process with all that is verified of them", async () => {
    const one = signedOf("ann-1", 2);
    await (await place.open()).add(one);
    expect(await (await place.open()).of("p-1")).toEqual([one]);
  });

  test("of one key last as long as the longest, in whatever order they come", async () => {
    const store = await place.open();
    for (const hours of [2, 5, 1]) await store.add(signedOf("ann-1", hours));
    clock.now += 4 * HOUR_MS;
    expect(await standing(store)).toEqual(["ann ann-1 5"]);
    expect(await standing(await place.open())).toEqual(["ann ann-1 5"]);
    clock.now += HOUR_MS;
    expect(await standing(store)).toEqual([]);
  });

  test("of an approver's other key count though the first key's lasts longer: it may be revoked", async () => {
    const store = await place.open();
    await store.add(signedOf("ann-1", 5));
    await store.add(signedOf("ann-2", 2));
    expect(await standing(store)).toContain("ann ann-2 2");
    expect(await standing(await place.open())).toContain("ann ann-2 2");
  });

  test("count beside one that was given by role, which does not take their place", async () => {
    const store = await place.open();
    const { payment_id, approver, approved_at_ms, binds } = signedOf("ann-1", 2);
    const byRole = { payment_id, approver, approved_at_ms, binds };
    await store.add(byRole);
    await store.add(signedOf("ann-1", 2));
    await store.add(byRole);
    expect(await standing(store)).toContain("ann ann-1 2");
  });

  test("given at the same moment by many are all kept, and one too many is refused", async () => {
    const stores = [await place.open(), ...(place === inTable ? [await place.open()] : [])];
    const given = Array.from({ length: MAX_APPROVALS - 1 }, (__, i) =>
      signedOf(`k-${i}`, 2, { approver: `a-${i}` }),
    );
    await Promise.all(given.map((one, i) => stores[i % stores.length]!.add(one)));
    expect(await stores[0]!.of("p-1")).toHaveLength(given.length);
    await stores[0]!.add(signedOf("last", 2, { approver: "last" }));
    await expect(stores[0]!.add(signedOf("more", 2, { approver: "more" }))).rejects.toMatchObject({
      code: "too_many_approvals",
    });
  });

  test("of one approver leave room for those of others", async () => {
    const store = await place.open();
    const binds = (i: number): string => i.toString(16).padStart(64, "0");
    const flood = Array.from({ length: MAX_APPROVALS }, (__, i) =>
      store.add(signedOf("eve-1", 2, { approver: "eve", binds: binds(i) })),
    );
    const answers = await Promise.allSettled(flood);
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(MAX_OF_APPROVER);
    await store.add(signedOf("ann-1", 2));
    expect(await standing(store)).toContain("ann ann-1 2");
  });

  test("are the only ones that count from when an approver's key was configured, for good", async () => {
    const store = await place.open();
    expect(await store.isSignedOnly()).toBe(false);
    await store.setSignedOnly();
    await store.setSignedOnly();
    expect(await store.isSignedOnly()).toBe(true);
    expect(await (await place.open()).isSignedOnly()).toBe(true);
  });
});

describe("approvals in a file whose folder goes and comes back", () => {
  it("are neither forgotten nor counted without their latch", async () => {
    const own = mkdtempSync(join(folder, "away-"));
    const open = () => createApprovalFile(join(own, "approvals.jsonl"), () => clock.now);
    const before = open();
    await before.add(signedOf("away", 2));
    await before.setSignedOnly();
    const store = open();
    renameSync(own, `${own}-elsewhere`);
    await expect(store.isSignedOnly()).rejects.toMatchObject({ code: "approvals_unavailable" });
    await expect(store.of("p-1")).rejects.toMatchObject({ code: "approvals_unavailable" });
    // Another folder in its place, such as that of a disk which is not mounted.
    mkdirSync(own);
    await expect(store.isSignedOnly()).rejects.toMatchObject({ code: "approvals_unavailable" });
    await expect(store.of("p-1")).rejects.toMatchObject({ code: "approvals_unavailable" });
    rmdirSync(own);
    renameSync(`${own}-elsewhere`, own);
    expect(await store.isSignedOnly()).toBe(true);
    expect(await store.of("p-1")).toHaveLength(1);
  });
});

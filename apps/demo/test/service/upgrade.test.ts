/** The present service on what an earlier version has left: no decision, limit, freeze, claim or approval is forgotten. */
import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { JsonObject } from "@dgb-shield/contract";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EXIT } from "../../src/errors.js";
import { loadConfig } from "../../src/service/config/load.js";
import { createService } from "../../src/service/runtime/index.js";
import type { Service } from "../../src/service/service.js";
import { RECORDING } from "../support/http-service.js";
import { shield } from "../support/shield.js";
import { runSql } from "../support/sqlite.js";

const FIXTURE = join(import.meta.dirname, "..", "fixtures", "upgrade");
const MINUTE_MS = 60_000;

type Expected = Readonly<{
  at_ms: number;
  requests: Readonly<Record<string, JsonObject>>;
  decisions: Readonly<Record<string, JsonObject>>;
  payments: Readonly<Record<string, JsonObject>>;
  records: number;
}>;
const expected = JSON.parse(readFileSync(join(FIXTURE, "expected.json"), "utf8")) as Expected;

describe("a service on what an earlier version has left", () => {
  let folder = "";
  let service: Service;
  beforeEach(async () => {
    // The machine's clocks as they were a minute after the earlier version ended: a trial's clock goes on by the wall clock.
    const shift = Date.now() - expected.at_ms - MINUTE_MS;
    const [wall, steady] = [Date.now, performance.now.bind(performance)];
    vi.spyOn(Date, "now").mockImplementation(() => wall() - shift);
    vi.spyOn(performance, "now").mockImplementation(() => steady() - shift);
    folder = copied();
    service = await started(folder);
  });
  afterEach(async () => {
    await service.close();
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true, force: true });
  });

  const decide = (id: string, more: object = {}) =>
    service.decide({
      ...{ withdrawal_id: id, wallet_id: "hot", account_id: "acc-1", amount: "50" },
      ...{ wallet_balance: "10000", behaviour_score: 1, trusted_device: true },
      ...more,
    });

  it("knows every payment as it was", async () => {
    for (const [id, payment] of Object.entries(expected.payments)) {
      const { status, txid, amount, approvals } = payment;
      const now = await service.payment(id);
      expect([id, now]).toMatchObject([id, { status, txid, amount, approvals }]);
    }
    expect(await service.records(0, 1_000)).toHaveLength(expected.records);
  });

  it("answers what is asked again as before, and binds approvals to the same", async () => {
    const { binds, final } = expected.decisions["reserved-1"] ?? {};
    const again = await decide("reserved-1", { amount: "60" });
    expect(again).toMatchObject({ binds, final });
    expect(await decide("committed-1")).toMatchObject({ final: "REFUSED" });
    expect(await decide("reserved-1", { amount: "61" })).toMatchObject({ final: "REFUSED" });
  });

  it("counts what was paid, claimed and reserved against the limits", async () => {
    // 50 + 50 + 60 of 300 are counted; what was released is not.
    expect(await decide("new-1", { amount: "100" })).toMatchObject({ final: "ALLOW" });
    expect(await decide("new-2", { amount: "40" })).toMatchObject({ final: "ALLOW" });
    const over = await decide("new-3", { amount: "1" });
    expect(over).toMatchObject({ final: "REFUSED" });
    expect(over.reasons.map(({ code }) => code)).toContain("daily_limit");
  });

  it("keeps freezes and claims", async () => {
    expect(await decide("cold-1", { wallet_id: "cold", amount: "1" })).toMatchObject({
      final: "REFUSED",
    });
    expect(await service.claim("claimed-1", { signer_id: "another" })).toMatchObject({
      reason_codes: ["claimed"],
    });
  });

  it("continues the audit's tree", async () => {
    await decide("new-1");
    await service.close();
    const verified = await shield(
      ...["audit", "verify", "--config", join(folder, "shield.json")],
      ...["--key", join(folder, "audit.pub.json")],
    );
    expect([EXIT.done, EXIT.rules_differ]).toContain(verified.code);
    expect(verified.stdout).toContain("VERIFIED");
  });
});

/** Copies the fixture; files that are kept compressed are unpacked. */
function copied(): string {
  const folder = mkdtempSync(join(tmpdir(), "shield-upgrade-"));
  cpSync(FIXTURE, folder, { recursive: true });
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const path = join(folder, name);
    if (!statSync(path).isFile() || !name.endsWith(".gz")) continue;
    writeFileSync(path.slice(0, -3), gunzipSync(readFileSync(path)), { mode: 0o600 });
    rmSync(path);
  }
  // An upgrade leaves the ledger where it is: this copy stands for that place.
  const ledger = realpathSync(join(folder, "shield-data", "ledger.sqlite"));
  runSql(ledger, `UPDATE ledger SET path = '${ledger}'`);
  // A checkout has no modes.
  chmodSync(join(folder, "shield-data"), 0o700);
  for (const name of ["audit-key.json", "shield-data/keys.json"])
    chmodSync(join(folder, name), 0o600);
  const file = join(folder, "shield.json");
  const config = JSON.parse(readFileSync(file, "utf8")) as object;
  writeFileSync(file, JSON.stringify({ ...config, recording: { file: RECORDING, speed: 1 } }));
  return folder;
}

/** Starts the service. */
async function started(folder: string): Promise<Service> {
  const read = loadConfig({ file: join(folder, "shield.json"), env: {}, flags: [], cwd: folder });
  if (!read.ok) throw new Error(JSON.stringify(read));
  const service = await createService(read.config, { hold_ms: 1_000, log: () => undefined });
  while ((await service.reports()).length === 0) await new Promise((done) => setTimeout(done, 5));
  return service;
}

/** Signed approvals of several processes on PostgreSQL, given with `shield approve --service` to a running service. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { litecoinRegtest } from "@dgb-shield/chain";
import { createApproverKey } from "@dgb-shield/client/approve";
import { hasLitecoind, type RegtestNode } from "@dgb-shield/testkit/litecoind";
import { compactVerify, createLocalJWKSet } from "jose";
import { Registry } from "prom-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { thresholdsOf } from "../../../src/service/config/complete-signing.js";
import { createHttpServer, createLog } from "../../../src/service/http/index.js";
import type { Service } from "../../../src/service/service.js";
import { createTokenKey } from "../../../src/service/signing/token-signer.js";
import { addressNo } from "../../support/addresses.js";
import { KEYS, testKeyring } from "../../support/http-service.js";
import { hasPostgres } from "../../support/postgres.js";
import { type Deployment, paymentRequest, until } from "../../support/service.js";
import { deployOn, makeSchema, type SharedSchema } from "../../support/several.js";
import { start } from "../../support/shield.js";
import { startPair } from "../../support/split-nodes.js";

const isReady = hasLitecoind() && (await hasPostgres());
const folder = mkdtempSync(join(tmpdir(), "shield-signed-"));
const keyFile = (name: string): string => join(folder, `${name}.key`);
const approvers = ["ada", "ben"].map((approver) =>
  createApproverKey(keyFile(approver), { approver, key_id: `${approver}-1` }),
);
createTokenKey(keyFile("token"), "service-1");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SIGNED = {
  approvers,
  thresholds: thresholdsOf(
    { classes: {}, approvers: { external: [{ from: "0", approvers: 2 }] } },
    litecoinRegtest,
    [],
  ),
  token: {
    key_id: "service-1",
    signer: { kind: "file", path: keyFile("token") },
    other_keys: [],
  },
} as const;

/** Serves a service over HTTP on a free port. */
async function listen(service: Service, { config }: Deployment) {
  const app = await createHttpServer({
    ...{ service, keyring: testKeyring(Object.values(KEYS)), registry: new Registry() },
    settings: { ...config.http, tls: null },
    log: createLog({ level: "fatal", format: "json" }),
    clock: Date.now,
    monotonic: () => performance.now(),
  });
  return { app, url: await app.listen({ host: "127.0.0.1", port: 0 }) };
}

describe.skipIf(!isReady)("signed approvals of several processes", { timeout: 180_000 }, () => {
  let nodes: readonly RegtestNode[] = [];
  let shared: SharedSchema;
  const running: { service: Service; deployment: Deployment }[] = [];
  const urls: string[] = [];
  const ends: (() => unknown)[] = [];

  async function serve(): Promise<void> {
    const deployment = await deployOn(shared, nodes, SIGNED);
    const service = await deployment.start();
    running.push({ service, deployment });
    await until(service.status, ({ state }) => state === "open" || state === "restricted");
    const { app, url } = await listen(service, deployment);
    urls.push(url);
    ends.push(deployment.remove, service.close, () => app.close());
  }
  beforeAll(async () => {
    nodes = await startPair();
    shared = await makeSchema();
    ends.push(() => shared.drop(), ...nodes.map((node) => () => node.remove()));
    await serve();
    await serve();
  }, 120_000);
  afterAll(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  }, 60_000);

  const payTo = (more: object = {}) =>
    paymentRequest({
      ...{ amount: "10", max_fee: "0.01" },
      destinations: [{ address: addressNo(litecoinRegtest, 7), amount: "9.99" }],
      ...more,
    });
  const service = (at: number): Service => running[at]!.service;
  const approve = (id: string, by: string, at: number, ...more: string[]) =>
    start(["approve", id, "--key", keyFile(by), "--service", urls[at]!, ...more], {
      SHIELD_KEY: KEYS.approver.token,
    }).ended;

  it("are asked for in one, given to the other, and lead to a claim with a token in either", async () => {
    const request = payTo();
    const id = request.withdrawal_id;
    const refused = await service(0).decide(request);
    expect(refused).toMatchObject({ final: "REFUSED", next: "approve" });
    const first = await approve(id, "ada", 1, "--yes");
    expect(first.code, first.stderr).toBe(0);
    expect(first.stdout).toBe("approved as ada: ask for the payment again\n");
    expect(first.stderr).toContain(`binds       ${refused.binds}`);
    expect(first.stderr).toMatch(/pays +9\.99 {2}to rltc1/);
    expect((await service(0).decide(request)).final).toBe("REFUSED");
    const second = await approve(id, "ben", 0, "--yes", "--json");
    expect(second.code, second.stderr).toBe(0);
    expect(JSON.parse(second.stdout)).toMatchObject({ key_id: "ben-1" });
    expect((await service(1).decide(request)).final).toBe("ALLOW");
    const claim = await service(0).claim(id, { signer_id: "signer-1" });
    expect(claim).toMatchObject({ decision: "ALLOW" });
    const keys = createLocalJWKSet({ keys: [...service(1).jwks()] });
    const { payload } = await compactVerify(claim.token ?? "", keys);
    const token = JSON.parse(new TextDecoder().decode(payload)) as {
      approvals: { key_id: string }[];
    };
    expect(token.approvals.map(({ key_id }) => key_id).sort()).toEqual(["ada-1", "ben-1"]);
  });

  it("have their terms after a restart, and by a process that was not asked for the payment", async () => {
    const request = payTo();
    const id = request.withdrawal_id;
    const { terms } = await service(1).decide(request);
    await serve();
    expect(await service(2).payment(id)).toMatchObject({ terms });
    const given = await approve(id, "ada", 2, "--yes", "--valid", "1h");
    expect(given.code, given.stderr).toBe(0);
    expect(await service(0).payment(id)).toMatchObject({
      approvals: [{ approver: "ada", binds: expect.any(String) }],
    });
  });

  it("are refused with the reason, and sign nothing where no one is asked", async () => {
    const request = payTo();
    const id = request.withdrawal_id;
    await service(0).decide(request);
    const silent = await approve(id, "ada", 0);
    expect([silent.code, silent.stdout]).toEqual([2, ""]);
    expect(silent.stderr).toMatch(/no terminal to ask at/);
    const unknown = await approve("w-none", "ada", 0, "--yes");
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringMatching(/refused \(404\)/)]);
    const long = await approve(id, "ada", 0, "--yes", "--valid", "3d");
    expect([long.code, long.stderr]).toEqual([
      2,
      expect.stringMatching(/refused \(422\): approval_refused/),
    ]);
    createApproverKey(keyFile("eve"), { approver: "eve", key_id: "eve-1" });
    const eve = await approve(id, "eve", 0, "--yes");
    expect([eve.code, eve.stderr]).toEqual([2, expect.stringMatching(/not registered/)]);
    const other = await start(
      ["approve", id, "--key", keyFile("ada"), "--service", urls[0]!, "--yes"],
      { SHIELD_KEY: KEYS.reader.token },
    ).ended;
    expect([other.code, other.stderr]).toEqual([2, expect.stringMatching(/role_not_allowed/)]);
    expect(await service(1).payment(id)).toMatchObject({ approvals: [] });
    expect((await service(1).decide(request)).final).toBe("REFUSED");
  });
});

/** State, keys and approvals that are damaged, older or cut off. */
import { appendFileSync, copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sha256Hex } from "@dgb-shield/contract";
import { expectNothingLeaked, expectNothingLost } from "../../support/faults/checks.js";
import type { BackEnd } from "../../support/faults/back-end.js";
import type { Site } from "../../support/faults/site.js";
import { faultSuite } from "../../support/faults/suite.js";

const { hasNode, serve, running } = faultSuite();

const stateOf = ({ dataDir }: Site): string => join(dataDir, "state");

/** Rewrites a stored state with another version, under a right checksum. */
function ofVersion(text: string, version: number): string {
  const [, body = "{}"] = text.split("\n");
  const changed = JSON.stringify({ ...(JSON.parse(body) as object), state_version: version });
  return `${sha256Hex(changed)}\n${changed}\n`;
}

const spoilt: readonly (readonly [string, (text: string) => string])[] = [
  ["cut off", (text) => text.slice(0, -20)],
  ["of a newer version", (text) => ofVersion(text, 3)],
];

describe.skipIf(!hasNode)("the state of layers 1 to 3", { timeout: 240_000 }, () => {
  it("that is cut off, or of a newer version, locks down until an operator releases it", async () => {
    const first = await running();
    const { site, backEnd } = first;
    let { served } = first;
    for (const [what, spoil] of spoilt) {
      await served.end();
      const path = stateOf(site);
      writeFileSync(path, spoil(readFileSync(path, "utf8")));
      served = await serve(site);
      const status = await backEnd.untilState("stopped");
      expect(status, what).toMatchObject({ cause: { code: "state_missing" } });
      const allowed = backEnd.acknowledged.allowed.size;
      for (let i = 0; i < 5; i++) await backEnd.decide();
      expect(backEnd.acknowledged.allowed.size, what).toBe(allowed);
      await released(backEnd);
      await backEnd.until("ALLOW");
      expectNothingLeaked(backEnd, served.log());
    }
    await expectNothingLost(backEnd);
  });
});

async function released(backEnd: BackEnd): Promise<void> {
  const { body } = (await backEnd.ask("GET /v1/incidents", undefined, "operator")) ?? {};
  const incidents = (body?.["incidents"] ?? []) as readonly { incident_id: string }[];
  const found = incidents.find(({ incident_id }) => incident_id.startsWith("state_missing"));
  const route = `POST /v1/incidents/${found?.incident_id ?? ""}/release`;
  const answer = await backEnd.ask(route, { reason: "the state was lost" }, "operator");
  expect(answer?.status).toBe(200);
}

describe.skipIf(!hasNode)("keys and approvals", { timeout: 180_000 }, () => {
  it("let no key count while the keys are damaged, and all of them once they are back", async () => {
    const { site, served, backEnd } = await running();
    const path = join(site.dataDir, "keys.json");
    copyFileSync(path, `${path}.good`);
    writeFileSync(path, readFileSync(path).subarray(0, 100));
    const refused = await backEnd.until("keys_unavailable");
    expect(refused).toMatchObject({ status: 503, body: { retry_after_ms: 5_000 } });
    expect((await backEnd.ask("GET /readyz"))?.status).toBe(503);
    copyFileSync(`${path}.good`, path);
    await backEnd.until("ALLOW");
    await expectNothingLost(backEnd);
    expect(served.log()).toMatch(/no key counts/);
    expectNothingLeaked(backEnd, served.log());
  });

  it("keep what was approved where the last line is cut off, and go on after it", async () => {
    const { site, served, backEnd } = await running();
    const [id = ""] = backEnd.acknowledged.allowed;
    const approve = (binds: string) =>
      backEnd.ask(`POST /v1/payments/${id}/approvals`, { binds: binds.repeat(32) }, "approver");
    expect((await approve("ab"))?.status).toBe(200);
    await served.end("SIGKILL");
    appendFileSync(join(site.dataDir, "approvals.jsonl"), '{"payment_id":"p","appro');
    const again = await serve(site);
    await backEnd.until("ALLOW");
    expect((await approve("cd"))?.status).toBe(200);
    const read = async (): Promise<unknown> => {
      const answer = await backEnd.ask(`GET /v1/payments/${id}`, undefined, "reader");
      return (answer?.body["approvals"] as readonly { binds: string }[]).map(({ binds }) =>
        binds.slice(0, 2),
      );
    };
    expect(await read()).toEqual(["ab", "cd"]);
    await again.end("SIGKILL");
    const last = await serve(site);
    await backEnd.until("ALLOW");
    expect(await read()).toEqual(["ab", "cd"]);
    expectNothingLeaked(backEnd, again.log(), last.log());
  });
});

/** A start under governance with another number of approvals: who counts towards it. */
import { describe, expect, it } from "vitest";
import { beginning } from "../../../src/service/governance/begin.js";
import type { ApiKey } from "../../../src/service/keys/key.js";
import { newKey, RULES } from "../../support/governed.js";
import { deploy } from "../../support/service.js";

const NOW_MS = 1_780_000_000_000;
const keyOf = (name: string): ApiKey => ({
  ...newKey(name),
  ...{ created_at_ms: NOW_MS, revoked_at_ms: null },
});

/** Latches two approvals with the keys of some persons, then starts with three by what the file holds. */
async function raised(accepted: readonly ApiKey[], file: readonly ApiKey[]) {
  const deployment = await deploy({ governance: RULES });
  deployment.remove();
  const common = { ledger_id: "ledger", now_ms: NOW_MS };
  const { config } = deployment;
  const first = beginning({ ...common, known: null, config, keys: accepted });
  if (first.kind !== "on") throw new Error(JSON.stringify(first));
  const stricter = { ...config, governance: { ...RULES, approvals: 3 } };
  return beginning({ ...common, known: first.state, config: stricter, keys: file });
}

describe("a configuration that asks for more approvals", () => {
  const [ann, bob, cleo, dora, eve] = ["ann", "bob", "cleo", "dora", "eve"].map(keyOf) as [
    ...[ApiKey, ApiKey, ApiKey, ApiKey, ApiKey],
  ];

  it("starts where enough accepted keys govern", async () => {
    const four = [ann, bob, cleo, dora];
    expect(await raised(four, four)).toMatchObject({
      ...{ kind: "on", state: { rules: { approvals: 3 } } },
      records: [{ action: "configuration_tightened" }],
    });
  });

  it("is refused where only keys that were added to the file by hand make them enough", async () => {
    const three = [ann, bob, cleo];
    expect(await raised(three, [...three, dora, eve])).toMatchObject({
      ...{
        kind: "refused",
        detail: expect.stringMatching(/3 would govern, and 3 approvals need 4/),
      },
    });
  });

  it("is refused where the file has made one of the accepted keys another role's", async () => {
    const four = [ann, bob, cleo, dora];
    const changed = [ann, bob, cleo, { ...dora, role: "reader" as const }];
    expect(await raised(four, changed)).toMatchObject({
      ...{ kind: "refused", detail: expect.stringMatching(/3 would govern/) },
    });
  });
});

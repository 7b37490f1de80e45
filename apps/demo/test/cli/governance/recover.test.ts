/** `shield governance recover` as a person uses it on the host. */
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addGovernance } from "../../../src/cli/governance/add-governance.js";
import { EXIT } from "../../../src/errors.js";
import { loadConfig } from "../../../src/service/config/load.js";
import type { Service } from "../../../src/service/service.js";
import { type GovernedDeployment, governedDeployment, RULES } from "../../support/governed.js";
import { RECORDING } from "../../support/http-service.js";
import { runInProcess } from "../../support/in-process.js";

let governed: GovernedDeployment;
let service: Service | undefined;
beforeEach(async () => {
  governed = await governedDeployment();
  service = await governed.start();
  await service.close();
  service = undefined;
});
afterEach(async () => {
  await service?.close();
  service = undefined;
  governed.remove();
});

/** Writes the configuration of the deployment, with a section governance or without. */
function configFile(approvals: number | null = RULES.approvals): string {
  const { data_dir } = governed.deployment.config;
  const file = join(data_dir, "shield.json");
  const written = {
    ...{ config_version: 1, deployment_id: "test", operator: "site", chain: "digibyte_regtest" },
    ...{ data_dir, mode: "enforce", unknown_network: "elevated", poll_ms: 1_000 },
    recording: { file: RECORDING, speed: 1 },
    guardian: { max_per_tx: "1000", max_24h: "100000", claim: "explicit" },
    ...(approvals === null ? {} : { governance: { ...RULES, approvals } }),
  };
  writeFileSync(file, JSON.stringify(written));
  return file;
}
const recover = (file: string, ...args: string[]) =>
  runInProcess(addGovernance, ["governance", "recover", "--config", file, ...args]);
const WHO = ["--operator", "ann", "--reason", "the office burnt"];

async function startFrom(file: string): Promise<Service> {
  const read = loadConfig({ file, env: {}, flags: [], cwd: "/" });
  if (!read.ok) throw new Error(JSON.stringify(read.issues));
  return governed.start(read.config);
}

describe("shield governance recover", () => {
  it.each([
    [["--operator", "ann"], /--reason/],
    [["--reason", "x"], /--operator/],
    [["--operator", "", "--reason", "x"], /--operator is a name/],
    [["--operator", "ann\u001b[2J", "--reason", "x"], /--operator is a name/],
    [["--operator", "ann", "--reason", ""], /--reason 1 to 256/],
    [["--operator", "ann", "--reason", "two\nlines"], /--reason 1 to 256/],
    [["--operator", "ann", "--reason", "x".repeat(257)], /--reason 1 to 256/],
    [[...WHO, "--force"], /unknown option/],
  ])("refuses %j, and changes nothing", async (args, text) => {
    const file = configFile(null);
    const { code, stdout, stderr } = await recover(file, ...args);
    expect([code, stdout, stderr]).toEqual([EXIT.usage, "", expect.stringMatching(text)]);
    await expect(startFrom(file)).rejects.toThrow(/\/governance: .*loosens/);
    service = await governed.start();
    expect(service.governance()?.recovered).toBeNull();
  });

  it("refuses more approvals than persons hold keys, and says what to do", async () => {
    const { code, stderr } = await recover(configFile(4), ...WHO);
    expect([code, stderr]).toEqual([
      EXIT.usage,
      expect.stringMatching(/4 would govern, and 4 approvals need 5.*shield keys add --recovery/),
    ]);
  });

  it("names a configuration, and a ledger, that cannot be used", async () => {
    const missing = await recover("/nonexistent/shield.yaml", ...WHO);
    expect([missing.code, missing.stderr]).toEqual([
      EXIT.bad_config,
      expect.stringMatching(/nonexistent/),
    ]);
    rmSync(governed.deployment.config.files.ledger);
    const lost = await recover(configFile(), ...WHO);
    expect(lost.code).toBe(EXIT.bad_data_folder);
    expect(lost.stdout).toBe("");
  });

  it("recovers a state that was lost, in one JSON object", async () => {
    const file = configFile();
    const folder = join(governed.deployment.config.data_dir, "governance");
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
    await expect(startFrom(file)).rejects.toThrow(/shield governance recover/);
    const { code, stdout } = await recover(file, ...WHO, "--json");
    expect([code, JSON.parse(stdout)]).toEqual([
      EXIT.done,
      { recovered: true, approvals: 2, operator: "ann", reason: "the office burnt" },
    ]);
    service = await startFrom(file);
    expect(service.governance()).toMatchObject({
      ...{ approvals: 2, governors: 4, recovered: { operator: "ann" } },
    });
  });

  it("ends governance with its section removed, is recorded, and can be latched again", async () => {
    const file = configFile(null);
    expect(await recover(file, ...WHO)).toMatchObject({
      ...{ code: EXIT.done, stdout: expect.stringMatching(/^recovered: 8 keys/) },
    });
    service = await startFrom(file);
    expect(service.governance()).toBeNull();
    const records = (await service.records(0, 100)) as unknown as {
      kind: string;
      record: object;
    }[];
    expect(records.filter(({ kind }) => kind === "governance").at(-1)?.record).toMatchObject({
      ...{ action: "recovered", operator: "ann", reason: "the office burnt", ended: true },
    });
    await service.close();
    service = await startFrom(configFile());
    expect(service.governance()).toMatchObject({ approvals: 2, recovered: { operator: "ann" } });
  });
});

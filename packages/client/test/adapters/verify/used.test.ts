import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { createUsedFolder, type TokenUse } from "../../../src/adapters/verify/index.js";
import { NOW, psbtOf, type Spending, token } from "../../support/site.js";
import {
  FUNDING_2,
  INPUTS,
  OUTPUTS,
  PAID,
  PSBT,
  verifierOf,
  CHANGE,
} from "../../support/wallet.js";

const folders: string[] = [];
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "used-"));
  folders.push(folder);
  return folder;
};
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const verifier = verifierOf();
const named = (token_id: string): string =>
  token({ claims: { token_id: token_id.repeat(32).slice(0, 32) } });
const big: Spending = { previous: FUNDING_2, index: 0, proof: "whole" };
/** Pays the same from other coins: 9 in. */
const ELSEWHERE = psbtOf([big], [...PAID, { ...CHANGE, amount: 549_950_000n }]);
/** Pays the same from one of the first coins and others: 3 + 9 in. */
const REPLACEMENT = psbtOf([INPUTS[0]!, big], [...PAID, { ...CHANGE, amount: 849_950_000n }]);

describe("verify", () => {
  const check = async (folder: string, text: string, psbt: Uint8Array): Promise<string> => {
    const answer = await verifier.verify(
      { token: text, psbt, now_ms: NOW },
      createUsedFolder(folder),
    );
    return answer.ok ? "ok" : answer.code;
  };

  it("refuses a token that was used, also by a process before", async () => {
    const folder = newFolder();
    expect(await check(folder, named("a"), PSBT)).toBe("ok");
    expect(await check(folder, named("a"), PSBT)).toBe("token_used");
    expect(await check(folder, named("b"), PSBT)).toBe("ok");
  });

  it("refuses a second transaction that could be mined beside the first, whatever token it has", async () => {
    const folder = newFolder();
    expect(await check(folder, named("a"), PSBT)).toBe("ok");
    expect(await check(folder, named("b"), ELSEWHERE)).toBe("second_payment");
    expect(await check(folder, named("c"), REPLACEMENT)).toBe("ok");
    // It excludes the replacement, but not the first.
    expect(await check(folder, named("d"), ELSEWHERE)).toBe("second_payment");
  });

  it("records nothing that is refused", async () => {
    const folder = newFolder();
    const other = psbtOf(INPUTS, OUTPUTS.slice(1));
    expect(await check(folder, named("a"), other)).toBe("output_order");
    expect(readdirSync(folder)).toEqual([]);
    expect(await check(folder, named("a"), PSBT)).toBe("ok");
  });

  it("refuses while the record cannot be read or written", async () => {
    const folder = newFolder();
    expect(await check(join(folder, "missing"), named("a"), PSBT)).toBe("used_unavailable");
    expect(await check(folder, named("a"), PSBT)).toBe("ok");
    const [file = ""] = readdirSync(folder);
    writeFileSync(join(folder, file), "{");
    expect(await check(folder, named("b"), PSBT)).toBe("used_unavailable");
    writeFileSync(join(folder, file), "");
    expect(await check(folder, named("b"), PSBT)).toBe("used_unavailable");
  });
});

describe("createUsedFolder", () => {
  const use = (change: Partial<TokenUse>): TokenUse => ({
    deployment_id: "main",
    payment_id: "w-1",
    token_id: "a",
    txid: "00".repeat(32),
    inputs: [`${"11".repeat(32)}:0`],
    at_ms: NOW,
    ...change,
  });

  it("permits one of many that use one token, or pay from other coins, at once", async () => {
    const folder = newFolder();
    const stores = Array.from({ length: 8 }, () => createUsedFolder(folder));
    const same = await Promise.all(stores.map((store) => store.use(use({}))));
    expect(same.filter((outcome) => outcome === "permitted")).toHaveLength(1);
    const apart = await Promise.all(
      stores.map((store, at) =>
        store.use(
          use({ payment_id: "w-2", token_id: `t${at}`, inputs: [`${"22".repeat(32)}:${at}`] }),
        ),
      ),
    );
    expect(apart.filter((outcome) => outcome === "permitted")).toHaveLength(1);
    expect(apart.filter((outcome) => outcome === "second_payment")).toHaveLength(7);
  });

  it("keeps payments apart, those of other deployments too", async () => {
    const store = createUsedFolder(newFolder());
    const inputs = [`${"33".repeat(32)}:0`];
    expect(await store.use(use({}))).toBe("permitted");
    expect(await store.use(use({ payment_id: "w-2", inputs }))).toBe("permitted");
    expect(await store.use(use({ deployment_id: "other", inputs }))).toBe("permitted");
  });

  it("leaves nothing behind that a killed process had begun", async () => {
    const folder = newFolder();
    // A draft of a process that was killed before it linked the file.
    writeFileSync(join(folder, ".draft"), "{");
    expect(await createUsedFolder(folder).use(use({}))).toBe("permitted");
    expect(readdirSync(folder)).toHaveLength(2);
  });
});

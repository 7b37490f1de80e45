/** `shield gateway client` and `shield gateway check`. */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { checkClient } from "../../../src/cli/gateway/check.js";
import { addClient } from "../../../src/cli/gateway/client.js";
import { openUsedMethods } from "../../../src/gateway/used-methods.js";
import { smallestText } from "../../support/service-config.js";

const KEY = "cSecretKeyOfATestThatMustNotBeWrittenAnywhere11111111";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "shield-gateway-test-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Streams that keep what is written. */
function streams() {
  const written = { stdout: "", stderr: "" };
  const sink = (name: "stdout" | "stderr") =>
    ({ write: (text: string) => ((written[name] += text), true) }) as unknown as NodeJS.WriteStream;
  return { written, io: { stdout: sink("stdout"), stderr: sink("stderr"), env: {} } };
}

const made = (role = "spender") => {
  const { written, io } = streams();
  addClient({ name: "backend", role, wallet: ["hot"] }, io);
  return written;
};

function configured(): string {
  const { gateway } = parse(made().stderr.split("\n\n")[1] ?? "") as { gateway: object };
  const file = join(folder, "shield.yaml");
  const lines = smallestText(`data_dir: ${folder}`, `gateway: ${JSON.stringify(gateway)}`);
  writeFileSync(file, lines);
  return file;
}

describe("shield gateway client", () => {
  it("makes a password of which the configuration has the hash alone", () => {
    const { stdout, stderr } = made();
    const password = stdout.trim();
    expect(password).toMatch(/^[\w-]{43}$/);
    expect(stderr).not.toContain(password);
    const [, salt = "", hash] = /([0-9a-f]{32}):([0-9a-f]{64})/.exec(stderr) ?? [];
    const text = Buffer.concat([Buffer.from(`${salt}:`), Buffer.from(password)]);
    expect(createHash("sha256").update(text).digest("hex")).toBe(hash);
  });

  it("refuses a role that there is not, and names those that there are", () => {
    expect(() => made("admin")).toThrow(/no role admin.*spender/);
  });
});

describe("shield gateway check", () => {
  it("shows what a client may do in each state, and what it used that it may not", () => {
    const config = configured();
    const used = openUsedMethods(join(folder, "gateway-methods.json"));
    used.used("backend", "getblockcount", false);
    used.used("backend", "dumpprivkey", true);
    used.save();
    const { written, io } = streams();
    expect(checkClient({ config, set: [], client: "backend", json: true }, io)).toBe(0);
    const { methods } = JSON.parse(written.stdout) as { methods: { method: string }[] };
    const of = (name: string) => methods.find(({ method }) => method === name);
    expect(of("getblockcount")).toMatchObject({ runs_in: ["NONE", "PARTIAL", "FULL"], calls: 1 });
    expect(of("sendtoaddress")).toMatchObject({ runs_in: ["NONE", "PARTIAL"], calls: 0 });
    expect(of("dumpprivkey")).toEqual({ method: "dumpprivkey", runs_in: [], calls: 1, refused: 1 });
    const text = streams();
    checkClient({ config, set: [], client: "backend", json: false }, text.io);
    expect(text.written.stdout).toContain("its role may never call: dumpprivkey");
  });

  it("keeps what is no method's name as one, since it could be a key, and counts on after a restart", () => {
    const path = join(folder, "gateway-keys.json");
    const used = openUsedMethods(path);
    used.used("backend", KEY, true);
    used.save();
    const again = openUsedMethods(path);
    again.used("backend", KEY.toUpperCase(), true);
    again.save();
    expect(readFileSync(path, "utf8").toLowerCase()).not.toContain(KEY.toLowerCase());
    expect(openUsedMethods(path).list()).toEqual([
      { client: "backend", method: "(other)", calls: 2, refused: 2 },
    ]);
  });

  it("names the clients that there are", () => {
    const config = configured();
    const { io } = streams();
    expect(() => checkClient({ config, set: [], client: "x", json: false }, io)).toThrow("backend");
  });
});

import { randomBytes } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startScript } from "@dgb-shield/testkit/child-process";
import fc from "fast-check";
import { build } from "tsup";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  addKeys,
  type KeyRequest,
  type KeyStore,
  revokeKey,
  rotateKey,
} from "../../../src/service/keys/change-keys.js";
import { changeSchema } from "../../../src/service/governance/change.js";
import { readKeyFile, writeKeyFile } from "../../../src/service/keys/key-file.js";
import { createKeyring } from "../../../src/service/keys/keyring.js";

const T0 = Date.UTC(2026, 0, 1);
const READER: KeyRequest = {
  role: "reader",
  name: "dashboard",
  wallets: null,
  reports_for: null,
  expires_at_ms: null,
};

const folder = mkdtempSync(join(tmpdir(), "shield-keys-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
function newStore(): { store: KeyStore; clock: { ms: number } } {
  const clock = { ms: T0 };
  const path = join(folder, `keys-${++count}.json`);
  return { store: { path, nowMs: () => clock.ms, random: randomBytes }, clock };
}

async function add(store: KeyStore, request: Partial<KeyRequest> = {}) {
  const [added] = await addKeys(store, [{ ...READER, ...request }], { create: true });
  return added!;
}

describe("addKeys", () => {
  it("stores a hash alone, in a file of its owner", async () => {
    const { store } = newStore();
    const { key, token } = await add(store);
    expect(token).toMatch(/^shd_[0-9a-f]{12}_[\w-]{43}$/);
    const text = readFileSync(store.path, "utf8");
    expect(text).toContain(key.hash);
    expect(text).not.toContain(token.slice(17));
    expect(statSync(store.path).mode & 0o777).toBe(0o600);
  });

  it("makes no missing file unless that is wanted", async () => {
    const { store } = newStore();
    await expect(addKeys(store, [READER], { create: false })).rejects.toMatchObject({
      code: "bad_data_folder",
    });
  });

  it("gives no key a name in which carried out proposals are recorded", async () => {
    const { store } = newStore();
    const name = "proposal:p-1";
    await expect(add(store, { name })).rejects.toMatchObject({ code: "usage" });
    const key = { id: "ab".repeat(6), role: "operator", name, hash: "cd".repeat(32) };
    const added = { ...key, wallets: null, reports_for: null, expires_at_ms: null };
    const proposed = (given: object) => changeSchema.safeParse({ kind: "keys", add: [given] });
    expect(proposed({ ...added, name: "ann" }).success).toBe(true);
    expect(proposed(added).success).toBe(false);
  });

  it("changes nothing where the file is damaged", async () => {
    const { store } = newStore();
    writeFileSync(store.path, "{}", { mode: 0o600 });
    await expect(add(store)).rejects.toThrow("no file of keys");
    expect(readFileSync(store.path, "utf8")).toBe("{}");
  });
});

describe("createKeyring", () => {
  const open = (path: string, tick: { ms: number }) =>
    createKeyring({ path, monotonic: () => tick.ms });

  it("finds the key of a token, and none for anything else", async () => {
    const { store } = newStore();
    const { key, token } = await add(store);
    const other = (await add(store)).token;
    const ring = open(store.path, { ms: 0 });
    expect(ring.authenticate(token, T0)).toEqual(key);
    const mixed = token.slice(0, 17) + other.slice(17);
    for (const wrong of ["", token.slice(0, -1), `${token} `, token.toUpperCase(), mixed]) {
      expect(ring.authenticate(wrong, T0)).toBeUndefined();
    }
    fc.assert(fc.property(fc.string(), (text) => ring.authenticate(text, T0) === undefined));
  });

  it("rejects an expired key, and every ending key at what is no time", async () => {
    const { store } = newStore();
    const { token } = await add(store, { expires_at_ms: T0 + 1_000 });
    const ring = open(store.path, { ms: 0 });
    expect(ring.authenticate(token, T0 + 999)).toBeDefined();
    expect(ring.authenticate(token, T0 + 1_000)).toBeUndefined();
    expect(ring.authenticate(token, NaN)).toBeUndefined();
  });

  it("sees a revocation within a second, without a restart", async () => {
    const { store } = newStore();
    const { key, token } = await add(store);
    const tick = { ms: 0 };
    const ring = open(store.path, tick);
    expect(ring.authenticate(token, T0)).toBeDefined();
    await revokeKey(store, key.id);
    tick.ms = 1_000;
    expect(ring.authenticate(token, T0)).toBeUndefined();
  });

  it("lets both keys of a rotation in until the overlap has passed", async () => {
    const { store } = newStore();
    const old = await add(store, { expires_at_ms: T0 + 90_000, wallets: ["hot-1"] });
    const { key, token } = await rotateKey(store, old.key.id, 60_000);
    const ring = open(store.path, { ms: 0 });
    expect(key).toMatchObject({ role: "reader", wallets: ["hot-1"], expires_at_ms: T0 + 90_000 });
    expect(ring.authenticate(old.token, T0 + 59_999)).toBeDefined();
    expect(ring.authenticate(old.token, T0 + 60_000)).toBeUndefined();
    expect(ring.authenticate(token, T0 + 60_000)).toBeDefined();
  });

  it("never makes a revoked key count longer", async () => {
    const { store, clock } = newStore();
    const { key } = await add(store);
    await revokeKey(store, key.id);
    await expect(rotateKey(store, key.id, 60_000)).rejects.toMatchObject({ code: "usage" });
    clock.ms = T0 + 5_000;
    expect((await revokeKey(store, key.id)).revoked_at_ms).toBe(T0);
  });

  it.each<[string, (path: string) => void]>([
    ["is missing", (path) => rmSync(path)],
    ["is damaged", (path) => writeFileSync(path, readFileSync(path, "utf8").slice(0, -20))],
    ["can be written by others", (path) => chmodSync(path, 0o622)],
    ["is a folder", (path) => (rmSync(path), mkdirSync(path))],
    ["names a key twice", (path) => writeFileSync(path, twice(readFileSync(path, "utf8")))],
    [
      "has an unknown field",
      (path) =>
        writeFileSync(path, readFileSync(path, "utf8").replace('"id"', '"all": true, "id"')),
    ],
    ["is too large", (path) => writeFileSync(path, " ".repeat(500_000))],
  ])("lets no key in while the file %s, and all again afterwards", async (_, spoil) => {
    const { store } = newStore();
    const { token } = await add(store);
    const copy = `${store.path}.copy`;
    writeFileSync(copy, readFileSync(store.path), { mode: 0o600 });
    const tick = { ms: 0 };
    const ring = open(store.path, tick);
    expect(ring.authenticate(token, T0)).toBeDefined();
    spoil(store.path);
    tick.ms = 1_000;
    expect(ring.authenticate(token, T0)).toBeUndefined();
    expect(ring.problem()).toContain(store.path);
    rmSync(store.path, { recursive: true, force: true });
    renameSync(copy, store.path);
    tick.ms = 2_000;
    expect(ring.authenticate(token, T0)).toBeDefined();
    expect(ring.problem()).toBeNull();
  });

  it("never throws on a file of anything", () => {
    const { store } = newStore();
    const content = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((one) => `{"keys_version":1,"keys":[${one}]}`),
    );
    fc.assert(
      fc.property(content, (text) => {
        writeFileSync(store.path, text, { mode: 0o600 });
        expect(open(store.path, { ms: 0 }).keys()).toEqual([]);
      }),
    );
  });
});

const twice = (text: string): string => {
  const { keys } = JSON.parse(text) as { keys: unknown[] };
  return JSON.stringify({ keys_version: 1, keys: [...keys, ...keys] });
};

describe("several processes", () => {
  const outDir = mkdtempSync(join(import.meta.dirname, "dist-"));
  const script = join(outDir, "add-process.js");
  afterAll(() => rmSync(outDir, { recursive: true, force: true }));
  beforeAll(async () => {
    await build({
      config: false,
      entry: [join(import.meta.dirname, "add-process.ts")],
      outDir,
      format: "esm",
      target: "node20",
      noExternal: [/@dgb-shield/, "zod"],
      silent: true,
      esbuildOptions: (options) => {
        options.conditions = ["@dgb-shield/source"];
      },
    });
  }, 60_000);

  it("lose no key that was acknowledged when eight add at once", async () => {
    const { store } = newStore();
    const children = Array.from({ length: 8 }, (_, at) =>
      startScript(script, [store.path, "3", `p${at}`]),
    );
    const codes = await Promise.all(
      children.map(({ process: child }) => new Promise((done) => child.once("close", done))),
    );
    expect(codes).toEqual(Array(8).fill(0));
    const ids = children.flatMap(({ lines }) => lines);
    expect(ids).toHaveLength(24);
    expect(
      readKeyFile(store.path)
        .map(({ id }) => id)
        .sort(),
    ).toEqual([...ids].sort());
  }, 60_000);

  it("leave a whole file and no lock behind when one is killed", async () => {
    const { store } = newStore();
    for (const wanted of [1, 2]) {
      const child = startScript(script, [store.path, "1000", "killed"]);
      while (child.lines.length < wanted)
        await child.line((line) => !child.lines.slice(0, wanted - 1).includes(line));
      await child.end("SIGKILL");
      const stored = readKeyFile(store.path).map(({ id }) => id);
      for (const id of child.lines) expect(stored).toContain(id);
    }
    await add(store);
  }, 60_000);
});

describe("writeKeyFile", () => {
  it("writes nothing that it would not read", () => {
    const { store } = newStore();
    const key = { id: "x", role: "reader", hash: "" } as never;
    expect(() => writeKeyFile(store.path, [key])).toThrow();
    expect(() => statSync(store.path)).toThrow("ENOENT");
  });
});

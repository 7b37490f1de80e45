import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { loadConfig, readConfig } from "../../../src/service/config/load.js";
import { SETTINGS } from "../../../src/service/config/settings.js";
import { readText, smallestText, wrongIn } from "../../support/service-config.js";

/** Lines after the smallest configuration, and everything that is wrong then, each with its place. */
const WRONG: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  [
    "several fields at once",
    ["http:", "  port: eighty", "  prot: 3", "log: loud", "mode: enforced", "poll_ms: 10"],
    [
      ":16:1 /poll_ms: it cannot be used: give a whole number from 1000 to 600000",
      ":12:3 /http/port: it is a text: give a whole number from 0 to 65535",
      ":13:3 /http/prot: there is no such field: remove it, or write port",
      ":14:1 /log: it is a text: give an object",
      "/mode: it cannot be used: give one of observe, enforce",
    ],
  ],
  [
    "a field twice",
    ["operator: b", "mode: x"],
    [":11:1: this field is given twice", ":12:1 /mode"],
  ],
  [
    "a number for a text",
    ["keys_file: 12"],
    [":11:1 /keys_file: it is a number: give a path, in quotes"],
  ],
  ["an empty field", ["ledger:"], [":11:1 /ledger: it is empty: give kind: sqlite or postgres"]],
  [
    "an unknown ledger",
    ["ledger: {kind: mongo}"],
    [":11:10 /ledger/kind: it is missing or unknown"],
  ],
  [
    "a ledger without an address",
    ["ledger: {kind: postgres}"],
    [":11:1 /ledger/url: it has no address: give url, or url_env"],
  ],
  [
    "a password in the file",
    ["ledger: {kind: postgres, url: 'postgres://a:b@c/d'}", "nats: {url: 'nats://token@c'}"],
    [
      ":11:26 /ledger/url: the address has a password in it: put the address into an environment",
      ":12:8 /nats/url: the address has a password in it",
    ],
  ],
  [
    "a variable that is not set",
    ["ledger: {kind: postgres, url_env: LEDGER}"],
    [":11:26 /ledger/url_env: the variable LEDGER is not set: set it"],
  ],
  [
    "an open port",
    ["http: {host: 0.0.0.0}"],
    [
      ":11:8 /http/host: other machines could read keys and payments on the way: give http.tls",
      ":11:1 /http/allowed_hosts: no name is allowed",
    ],
  ],
  [
    "two sources",
    ["recording: {file: x}"],
    [":11:1 /recording: a recording stands beside live nodes: remove one of the two"],
  ],
  [
    "more fresh nodes than there are",
    ["min_fresh_nodes: 2"],
    [":11:1 /min_fresh_nodes: it is more than the 1 that there are: nothing would ever be paid"],
  ],
  [
    "own names of another site",
    ["peers: [{operator: site-a, node_ids: [node-1]}]"],
    [
      ":11:10 /peers/0/operator: it is this site's own",
      ":11:39 /peers/0/node_ids/0: it is this site's",
    ],
  ],
  [
    "a site twice",
    ["peers: [{operator: b, node_ids: [x]}, {operator: b, node_ids: [y]}]"],
    [":11:40 /peers/1/operator: this site is listed twice"],
  ],
  [
    "a wallet's unknown mode",
    ["wallets: {w: {mode: loud}}"],
    [":11:15 /wallets/w/mode: it cannot"],
  ],
  ["a wallet without an id", ["wallets: {' w': {mode: observe}}"], ["its name cannot be used"]],
  ["__proto__", ["wallets: {__proto__: {mode: observe}}"], [":11:11: this name cannot be used"]],
  ["an alias", ["a: &x 1", "b: *x"], [":12:4: it is an alias: write the value out"]],
  ["a tag", ["x: !!js/function 3"], [":11:4: it has a tag: remove the tag"]],
  ["a tab", ["http:", "\tport: 3"], ["it is indented with a tab: indent with blanks"]],
  ["a second document", ["---", "a: 1"], [":11:1: it holds more than one document"]],
  [
    "both policies",
    ["  max_per_txx: 1", "guard: {required_approvals: 0, preset: home}"],
    [
      ":11:3 /guardian/max_per_txx: it cannot be used: no such field",
      "/guard/preset: it cannot be used",
    ],
  ],
  ["what comes later", ["web_hooks: {}"], [":11:1 /web_hooks: there is no such field: remove it"]],
];

describe("readConfig", () => {
  it.each(WRONG)(
    "lists everything that is wrong, each with its place: %s",
    (_, lines, expected) => {
      const wrong = wrongIn(readText(smallestText(...lines)));
      expect(wrong).toHaveLength(expected.length);
      for (const part of expected) expect(wrong.join("\n")).toContain(part);
    },
  );

  it("lists what is missing of an empty file, and without any file", () => {
    const missing = ["config_version", "deployment_id", "operator", "chain", "guardian", "nodes"];
    for (const reading of [
      readText(""),
      readConfig({ file: null, env: {}, flags: [], cwd: "/" }),
    ]) {
      expect(reading.ok ? [] : reading.issues.map(({ path }) => path)).toEqual(
        missing.map((name) => `/${name}`),
      );
    }
  });

  it("names the variable or flag of a wrong value, and unknown ones", () => {
    const env = { SHIELD_HTTP_PROT: "1", SHIELD_NODES: "[", SHIELD_MODE: "", SHIELD_POLL_MS: "x" };
    const flags = [
      { flag: "--port", name: "http.port", text: "-1" },
      { flag: "--set http.x=1", name: "http.x", text: "1" },
    ];
    const wrong = wrongIn(readText(smallestText(), env, flags)).map((line) => line.split(": ")[0]);
    expect(wrong.sort()).toEqual([
      "--port /http/port",
      "--set http.x=1",
      "SHIELD_HTTP_PROT",
      "SHIELD_MODE",
      "SHIELD_NODES",
      "SHIELD_POLL_MS /poll_ms",
    ]);
  });

  it("lets variables win over the file, and flags over variables", () => {
    const env = {
      SHIELD_HTTP_PORT: "9000",
      SHIELD_DATA_DIR: "data",
      SHIELD_HTTP_ALLOWED_HOSTS: "a.example, b.example",
    };
    const flags = [{ flag: "--port", name: "http.port", text: "9001" }];
    const reading = readText(smallestText("http: {port: 8000, behind_proxy: true}"), env, flags);
    expect(reading.ok && reading.config.http).toMatchObject({
      port: 9001,
      behind_proxy: true,
      allowed_hosts: ["a.example", "b.example"],
    });
    // A path begins where it was written.
    expect(reading.ok && reading.config.data_dir).toBe("/work/data");
    expect(reading.ok && reading.config.nodes[0]?.auth).toEqual({
      cookie_file: "/etc/shield/node/.cookie",
    });
  });

  it("takes an address with a password from the environment alone", () => {
    const url = "postgres://user:geheim@host/db";
    const env = { SHIELD_LEDGER_KIND: "postgres", SHIELD_LEDGER_URL: url };
    const reading = readText(smallestText("ledger: {kind: sqlite}"), env);
    expect(reading.ok && reading.config.ledger).toEqual({
      kind: "postgres",
      url,
      schema: "guardian",
    });
    const flag = [
      { flag: "--set ledger.kind", name: "ledger.kind", text: "postgres" },
      { flag: "--set ledger.url", name: "ledger.url", text: url },
    ];
    const wrong = wrongIn(readText(smallestText(), {}, flag));
    expect(wrong).toEqual([
      expect.stringContaining("--set ledger.url /ledger/url: the address has a"),
    ]);
  });

  it("ignores what Kubernetes sets for a service named shield", () => {
    const env = { SHIELD_PORT: "tcp://10.0.0.1:8480", SHIELD_SERVICE_HOST: "10.0.0.1" };
    expect(wrongIn(readText(smallestText(), env))).toEqual([]);
  });

  it("fills in what follows from other fields", () => {
    const nodes = [1, 2, 3].map((at) => `  - {node_id: n${at}, url: "http://127.0.0.1:${at}"}`);
    const text = smallestText("poll_ms: 2000").replace(
      /nodes:[^]*cookie/,
      `nodes:\n${nodes.join("\n")}`,
    );
    const reading = readText(text);
    expect(wrongIn(reading)).toEqual([]);
    expect(reading).toMatchObject({
      config: {
        min_fresh_nodes: 2,
        max_report_age_ms: 21_000,
        keys_file: "/etc/shield/shield-data/keys.json",
      },
    });
  });

  it("completes a preset with the fields beside it", () => {
    const text = smallestText(
      "  preset: exchange_hot_wallet",
      "guard: {preset: exchange_hot_wallet}",
    );
    const reading = readText(text);
    expect(reading).toMatchObject({
      config: {
        guardian: { claim: "explicit", freeze_scope: "account", max_24h: "100" },
        guard: { required_approvals: 2 },
      },
    });
  });
});

describe("readConfig on anything", () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  const names = SETTINGS.map(({ variable }) => variable);

  it("never throws, and never makes a configuration of garbage", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          value.map((one) => JSON.stringify(one)),
        ),
        (text) => {
          expect(readText(text).ok).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("never throws on bytes that are no text", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const file = { path: "/a", bytes };
        expect(readConfig({ file, env: {}, flags: [], cwd: "/" }).ok).toBe(false);
      }),
    );
  });

  it("refuses a sound configuration with any further field", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), value, (name, member) => {
        const line = `${JSON.stringify(`x-${name}`)}: ${JSON.stringify(member)}`;
        expect(readText(smallestText(line)).ok).toBe(false);
      }),
    );
  });

  it("reads the text of a variable as a value, never as more than one", () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.string(), (name, text) => {
        const reading = readText(smallestText(), { [name]: text });
        // Whatever is wrong is of this variable, or of what it stands beside.
        const isTold = reading.ok || wrongIn(reading).some((line) => line.includes(name));
        expect(isTold).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("shows no secret, whatever is wrong with it", () => {
    const secret = "geheim-7d1";
    const env = { SHIELD_LEDGER_URL: `ftp://${secret}`, NATS: secret, SHIELD_NODES: `["${secret}` };
    const lines = [
      "nats: {url_env: NATS}",
      `ledger: {kind: postgres, url: 'postgres://a:${secret}@h/d'}`,
    ];
    for (const wrong of [readText(smallestText(...lines), env), readText(smallestText(...lines))]) {
      expect(wrong.ok).toBe(false);
      expect(JSON.stringify(wrong)).not.toContain(secret);
    }
  });

  it("refuses what is nested without end", () => {
    for (const text of ["[".repeat(20_000), "{a: ".repeat(5_000)]) {
      expect(readText(text).ok).toBe(false);
    }
  });
});

describe("loadConfig", () => {
  const folder = mkdtempSync(join(tmpdir(), "shield-config-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("takes shield.yaml of the working directory, or what is named", () => {
    writeFileSync(join(folder, "shield.yaml"), smallestText());
    writeFileSync(join(folder, "other.json"), '{"config_version": 1}');
    expect(loadConfig({ env: {}, flags: [], cwd: folder })).toMatchObject({
      ok: true,
      file: "shield.yaml",
    });
    const env = { SHIELD_CONFIG: "other.json" };
    expect(loadConfig({ env, flags: [], cwd: folder })).toMatchObject({
      ok: false,
      file: "other.json",
    });
  });

  it.each([
    [
      "is missing",
      "none.yaml",
      "none.yaml: the file cannot be read (ENOENT): name another with --config",
    ],
    ["is a folder", ".", "it is no regular file"],
    ["has no end", "/dev/zero", "/dev/zero: it is no regular file"],
  ])("says what to do where the file %s", (_, file, expected) => {
    const wrong = wrongIn(loadConfig({ file, env: {}, flags: [], cwd: folder }));
    expect(wrong).toEqual([expect.stringContaining(expected)]);
  });
});

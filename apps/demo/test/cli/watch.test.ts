/** `shield watch` at real nodes. */
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  connect,
  disconnect,
  hasLitecoind,
  type RegtestNode,
  startNode,
} from "@dgb-shield/testkit/litecoind";
import { TIP_STATEMENT_ROLE } from "@dgb-shield/sentinel/tip-statement";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeKeyFiles, readSigningKey } from "../../src/cli/tip/key-file.js";
import { verifyCommand } from "../../src/cli/tip/verify.js";
import { watch, type WatchOptions } from "../../src/cli/watch.js";
import { EXIT } from "../../src/errors.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "shield-watch-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const nodes: RegtestNode[] = [];
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.remove();
});

async function start(): Promise<RegtestNode> {
  const node = await startNode();
  nodes.push(node);
  await node.rpc("createwallet", "w");
  return node;
}

const mine = async (node: RegtestNode, blocks: number) =>
  node.rpc("generatetoaddress", blocks, await node.rpc("getnewaddress"));

/** Runs the command, until `stop` is aborted. */
function run(options: Partial<WatchOptions>, stop = new AbortController().signal, isTTY = false) {
  let [out, err] = ["", ""];
  const io = {
    stdout: { isTTY, write: (text: string) => Boolean((out += text)) },
    stderr: { write: (text: string) => Boolean((err += text)) },
    env: {},
    stop,
  };
  const whole = { node: [], cookie: [], interval: 0.2, once: false, json: false, ...options };
  const ended = watch(whole, io as unknown as Parameters<typeof watch>[1]);
  return { ended, out: () => out, err: () => err };
}

const optionsOf = (given: readonly RegtestNode[]) => ({
  node: given.map(({ url }, i) => `${"ab"[i]}=${url}`),
  cookie: given.map(({ cookieFile }) => cookieFile),
});

async function seen(text: () => string, pattern: RegExp): Promise<void> {
  for (let i = 0; i < 600 && !pattern.test(text()); i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(text()).toMatch(pattern);
}

describe.skipIf(!hasLitecoind())("shield watch", { timeout: 120_000 }, () => {
  it("finds out the chain, says which nodes follow which branch, and when they are one again", async () => {
    const [a, b] = [await start(), await start()];
    await connect(a, b);
    await mine(a, 3);
    await connect(a, b);
    const stopping = new AbortController();
    const { ended, out } = run(optionsOf([a, b]), stopping.signal);
    await seen(out, /a \/LitecoinCore.*: chain 3 [0-9a-f]{16}\n/);
    await disconnect(a);
    await mine(a, 3);
    await mine(b, 5);
    await seen(out, /a .*: chain 6 [0-9a-f]{16}, apart above 3\n/);
    await seen(out, /\w+: 1 node follows another branch above height 3/);
    await connect(a, b);
    await seen(out, /over: \w+: 1 node follows another branch/);
    await seen(out, /a: 3 blocks above height 3 fell out of the active chain/);
    stopping.abort();
    expect(await ended).toBe(EXIT.interrupted);
  });

  it("ends after one round with --once, as text in a terminal and as JSON", async () => {
    const node = await start();
    await mine(node, 2);
    const options = { ...optionsOf([node]), once: true };
    const shown = run(options, undefined, true);
    expect([EXIT.done, EXIT.found]).toContain(await shown.ended);
    expect(shown.out()).toContain("litecoin_regtest");
    expect(shown.out()).toContain("All nodes that answer follow one chain.");
    const json = run({ ...options, json: true });
    await json.ended;
    expect(JSON.parse(json.out())).toMatchObject({
      chain: "litecoin_regtest",
      branches: [{ tip_height: 2, nodes: [{ node_id: "a" }] }],
    });
  });

  it("shows a node that is down beside one that answers", async () => {
    const node = await start();
    await mine(node, 1);
    const { ended, out } = run({
      node: [`up=${node.url}`, "down=http://127.0.0.1:1"],
      cookie: [node.cookieFile],
      once: true,
    });
    expect(await ended).toBe(EXIT.found);
    expect(out()).toContain("down: UNREACHABLE");
    expect(out()).toMatch(/elevated: down: the node does not answer/);
  });
});

describe.skipIf(!hasLitecoind())("shield watch --state", { timeout: 120_000 }, () => {
  it("loses no finding over a restart of the watch, and makes none by it", async () => {
    const [a, b] = [await start(), await start()];
    await connect(a, b);
    await mine(a, 3);
    await connect(a, b);
    const state = join(folder, "watch.json");
    const given = { ...optionsOf([a, b]), state, once: true, json: true };
    const look = async (): Promise<Shown> => {
      const { ended, out } = run(given);
      await ended;
      return JSON.parse(out().trimEnd().split("\n").at(-1)!) as Shown;
    };
    const ids = (one: Shown) => [
      ...one.findings.map(({ finding_id }) => finding_id),
      ...one.reports.flatMap(({ node_id, findings }) =>
        findings.map(({ finding_id }) => `${node_id} ${finding_id}`),
      ),
    ];
    const before = await look();
    // Nothing happened: the restart is no change, though the monotonic clock began anew.
    const same = await look();
    expect(ids(same)).toEqual(ids(before));
    expect(same.changes).toEqual([]);

    // A split that begins while no watch runs, and ends while none runs.
    await disconnect(a);
    await mine(a, 3);
    await mine(b, 5);
    const apart = await look();
    const divergence = apart.findings.find(({ detector }) => detector === "tip_divergence");
    expect(divergence).toBeDefined();
    const still = await look();
    expect(still.findings).toMatchObject([
      { finding_id: divergence!.finding_id, detected_at_ms: divergence!.detected_at_ms },
    ]);
    await connect(a, b);
    const met = await look();
    expect(met.findings).toEqual([]);
    expect(ids(met).filter((id) => id.startsWith("a reorg:3:"))).toHaveLength(1);
    expect(met.changes).toContainEqual(expect.objectContaining({ kind: "finding", is_over: true }));
    const after = await look();
    expect(ids(after)).toEqual(ids(met));
    expect(after.changes).toEqual([]);
    // The state names the chain: a node that is down at the start is a finding.
    await b.end();
    expect(ids(await look()).some((id) => id.startsWith("b node_unreachable:"))).toBe(true);
  });

  it("writes a signed statement, which verifies without a connection", async () => {
    const node = await start();
    await mine(node, 2);
    const files = { key: join(folder, "secret.json"), public: join(folder, "public.json") };
    makeKeyFiles({ operator: "exchange", days: 1, ...files }, TIP_STATEMENT_ROLE, Date.now());
    const statement = join(folder, "tip.json");
    const { ended } = run({ ...optionsOf([node]), once: true, statement, key: files.key });
    expect([EXIT.done, EXIT.found]).toContain(await ended);
    const verified = verify(statement, { key: files.public });
    expect(verified.code).toBe(EXIT.done);
    expect(verified.out).toMatch(/^VALID: signed by exchange/);
    expect(verified.out).toMatch(/tip: 2 [0-9a-f]{64}\n {2}a +\/LitecoinCore/);
    const other = verify(statement, { key: files.public, chain: "digibyte" });
    expect(other.code).toBe(EXIT.refused);
    expect(other.out).toMatch(/^REFUSED: other_chain/);
    const text = readFileSync(statement, "utf8");
    writeFileSync(statement, text.replace(/"sig":"./, '"sig":"+'));
    expect(verify(statement, { key: files.public }).out).toMatch(/^REFUSED: bad_signature/);
  });
});

type Shown = {
  findings: { finding_id: string; detector: string; detected_at_ms: number }[];
  reports: { node_id: string; findings: { finding_id: string }[] }[];
  changes: { kind: string; is_over: boolean }[];
};

function verify(file: string, options: { key: string; chain?: string }) {
  let out = "";
  const stdout = { write: (text: string) => Boolean((out += text)) };
  const whole = { maxAge: 3_600, json: false, ...options };
  return { code: verifyCommand(file, whole, stdout, Date.now()), out };
}

describe("the keys of statements", () => {
  const files = () => ({ key: join(folder, "secret.json"), public: join(folder, "public.json") });
  const make = (change: object = {}) =>
    makeKeyFiles(
      { operator: "exchange", days: 1, ...files(), ...change },
      TIP_STATEMENT_ROLE,
      1_800_000_000_000,
    );

  it("are written once, the secret half for its owner alone", () => {
    expect(make()).toBe("exchange-2027-01-15");
    expect(statSync(files().key).mode & 0o777).toBe(0o600);
    expect(readFileSync(files().public, "utf8")).not.toContain(
      (JSON.parse(readFileSync(files().key, "utf8")) as { secret_keys: { ed25519: string } })
        .secret_keys.ed25519,
    );
    expect(() => make()).toThrow(/must not be there yet/);
    expect(readSigningKey(files().key).operator).toBe("exchange");
    chmodSync(files().key, 0o644);
    expect(() => readSigningKey(files().key)).toThrow(/can be read by others: run chmod 600/);
  });

  it("say what is wrong with a name or a file, and never show a secret", () => {
    expect(() => make({ operator: "" })).toThrow(/--key-id, --operator/);
    expect(() => make({ keyId: "#" })).toThrow(/--key-id, --operator/);
    expect(existsSync(files().key)).toBe(false);
    writeFileSync(files().key, '{"key_version":1,"secret":"s3cret"}', { mode: 0o600 });
    expect(() => readSigningKey(files().key)).toThrow(/is not a secret key of shield tip keygen/);
    expect(() => readSigningKey(files().key)).not.toThrow(/s3cret/);
    writeFileSync(files().public, "{}");
    expect(() => verify(files().key, { key: files().public })).toThrow(/not a file of public keys/);
    expect(() => verify(join(folder, "none"), { key: files().public })).toThrow(/cannot read/);
  });
});

describe("the state file of a watch", () => {
  it("is refused with what to do where it is damaged or of another chain", async () => {
    const state = join(folder, "watch.json");
    writeFileSync(state, "{");
    const options = { node: ["http://127.0.0.1:1"], once: true, state };
    await expect(run(options).ended).rejects.toThrow(
      /give another file with --state, or remove it/,
    );
    writeFileSync(state, "{}");
    await expect(run(options).ended).rejects.toThrow(/no state of shield watch: invalid at/);
    rmSync(state);
    await run({ ...options, chain: "litecoin" }).ended;
    await expect(run({ ...options, chain: "digibyte" }).ended).rejects.toThrow(
      /the state is of litecoin, not of digibyte.*give another file/s,
    );
  });
});

describe("shield watch with wrong options", () => {
  it.each([
    [{ node: ["ftp://x"] }, /--node 1: url/],
    [{ node: ["http://u:secret@x"] }, /--node 1: url/],
    [{ node: ["a=http://x", "a=http://y"] }, /two nodes have one name/],
    [{ node: ["http://x", "http://y", "http://z"], cookie: ["1", "2"] }, /--cookie/],
    [{ node: ["http://x"], statement: "tip.json" }, /--statement and --key belong together/],
    [{ node: ["http://127.0.0.1:1"], interval: 0.001 }, /no node answers \(connection\)/],
  ])("refuses %j with what to do", async (options, text) => {
    const { ended } = run(options);
    await expect(ended).rejects.toThrow(text);
    await expect(ended).rejects.not.toThrow(/secret/);
  });
});

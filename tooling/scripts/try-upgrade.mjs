/**
 * `node tooling/scripts/try-upgrade.mjs OLD_CLI NEW_CLI [--seconds 20] [--limit 1000]`: a trial of an upgrade under load, and back.
 *
 * OLD_CLI and NEW_CLI are the built `dist/cli.js` of two checkouts. A service of the old one pays; then the new one takes its folder over, then the
 * old one again, then the new one, each ended by SIGTERM or SIGKILL in the middle of payments. Every acknowledged ALLOW must be known afterwards, and no
 * window may hold more than its limit. A version that refuses the folder with a clear exit code is right as well; then the trial goes on with the other.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  options: {
    seconds: { type: "string", default: "20" },
    limit: { type: "string", default: "1000" },
  },
  allowPositionals: true,
});
const [OLD, NEW] = positionals;
const seconds = Number(values.seconds);
if (NEW === undefined || !(seconds > 0) || !(Number(values.limit) > 0)) {
  console.error("usage: try-upgrade.mjs OLD_CLI NEW_CLI [--seconds number] [--limit coins]");
  process.exit(2);
}
const RECORDING = fileURLToPath(
  import.meta.resolve("../../packages/sentinel/recordings/digibyte-core-8.22-regtest.jsonl"),
);
/** Coins of all payments together, and of one: the limit is met in the middle. */
const [LIMIT, AMOUNT] = [Number(values.limit), 1];

const root = mkdtempSync(join(tmpdir(), "shield-upgrade-"));
const site = join(root, "site");
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const shield = (cli, ...args) =>
  execFileSync(process.execPath, [cli, ...args], { encoding: "utf8", cwd: root });
const init = ["init", "--dir", "site", "--recording", RECORDING, "--yes", "--json"];
const made = JSON.parse(shield(OLD, ...init));
const tokenOf = (role) => made.keys.find((key) => key.role === role).token;
const config = join(site, "trial.json");
writeFileSync(
  config,
  JSON.stringify({
    ...{ config_version: 1, deployment_id: made.deployment_id ?? "trial", operator: "site-1" },
    ...{ chain: "digibyte_regtest", recording: { file: RECORDING, speed: 1 } },
    ...{ data_dir: "shield-data", mode: "enforce", unknown_network: "elevated" },
    ...{ http: { port }, log: { level: "error" }, wallets: { hot: {} } },
    guardian: {
      ...{ claim: "explicit", max_per_tx: "100", max_24h: String(LIMIT), cooldown_seconds: 0 },
      ...{ allow_valid_seconds: 600 },
    },
  }),
);

/** Payments whose ALLOW was answered. */
const allowed = new Set();
let asked = 0;
let refusedByLimit = 0;

try {
  const turns = [
    ["old", OLD, "SIGTERM"],
    ["new", NEW, "SIGKILL"],
    ["old", OLD, "SIGKILL"],
    ["new", NEW, "SIGTERM"],
  ];
  for (const [name, cli, signal] of turns) await turn(name, cli, signal);
  await check();
} finally {
  rmSync(root, { recursive: true, force: true });
}

/** One version serves under load for a time, and is ended in the middle. */
async function turn(name, cli, signal) {
  const child = serve(cli);
  if (!(await isServing(child))) {
    console.log(`${name}: refuses the folder, exit code ${child.exitCode}: ${child.last}`);
    return;
  }
  const before = allowed.size;
  let isOver = false;
  const callers = Array.from({ length: 8 }, async () => {
    while (!isOver) await pay(`p-${asked++}`, () => isOver);
  });
  await sleep(seconds * 1_000);
  isOver = true;
  child.kill(signal);
  await Promise.all([...callers, new Promise((done) => child.once("exit", done))]);
  console.log(`${name}: ${allowed.size - before} payments allowed, ended by ${signal}`);
}

function serve(cli) {
  const child = spawn(process.execPath, [cli, "serve", "--config", config], {
    cwd: root,
    stdio: ["ignore", "ignore", "pipe"],
  });
  child.stderr.setEncoding("utf8").on("data", (text) => (child.last = text.trim()));
  return child;
}

async function isServing(child) {
  while (child.exitCode === null) {
    const answer = await call("GET", "/v1/status", "reader");
    if (["open", "restricted"].includes(answer?.body.state)) return true;
    await sleep(200);
  }
  return false;
}

/** Asks for a payment until it is answered, as a client that repeats the same id. */
async function pay(id, isGivenUp) {
  for (;;) {
    const answer = await call("PUT", `/v1/payments/${id}`, "wallet", {
      ...{ wallet_id: "hot", amount: String(AMOUNT), wallet_balance: "1000000" },
      ...{ behaviour_score: 1, trusted_device: true },
    });
    if (answer?.status === 200) {
      const { final, reasons } = answer.body;
      if (final === "ALLOW") allowed.add(id);
      if (reasons.some(({ code }) => code === "daily_limit")) refusedByLimit++;
      return;
    }
    if (isGivenUp()) return;
    await sleep(20);
  }
}

async function call(method, path, role, body) {
  try {
    const answer = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${tokenOf(role)}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    return { status: answer.status, body: await answer.json() };
  } catch {
    return null;
  }
}

/** Everything that was allowed is known to the new version, and no more than the limit. */
async function check() {
  const child = serve(NEW);
  if (!(await isServing(child))) throw new Error(`the new version does not start: ${child.last}`);
  const lost = [];
  for (const id of allowed) {
    const answer = await call("GET", `/v1/payments/${id}`, "wallet");
    if (answer?.body.status !== "reserved") lost.push([id, answer?.body.status]);
  }
  child.kill("SIGTERM");
  await new Promise((done) => child.once("exit", done));
  const spent = allowed.size * AMOUNT;
  console.log(
    `${allowed.size} acknowledged payments of ${asked}, ${lost.length} lost; ${spent} of ${LIMIT} coins; refused by the limit: ${refusedByLimit}`,
  );
  if (lost.length > 0 || spent > LIMIT) process.exitCode = 1;
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port: free } = server.address();
      server.close(() => resolve(free));
    });
  });
}

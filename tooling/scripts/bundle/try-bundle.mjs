/**
 * `node tooling/scripts/bundle/try-bundle.mjs --root ROOT --bundle ARCHIVE [--previous ARCHIVE]`: tries a bundle in a bare Debian
 * (`debootstrap --variant=minbase bookworm ROOT`), as root: installation, first decision on a real node, upgrade from the
 * previous bundle and the way back, removal. litecoind must be installed on this machine, not in ROOT.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { ROOT } from "../steps.mjs";

const options = {
  root: { type: "string" },
  bundle: { type: "string" },
  previous: { type: "string" },
};
const { values } = parseArgs({ options });
if (values.root === undefined || values.bundle === undefined) {
  console.error("give --root (a bare Debian of debootstrap) and --bundle (an archive)");
  process.exit(2);
}
const root = resolve(values.root);
const WAIT_MS = 60_000;
const ENV = {
  PATH: "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/root",
};

function assert(holds, text) {
  console.log(`${holds ? "ok  " : "FAIL"}  ${text}`);
  if (!holds) process.exitCode = 1;
}

/** Runs a line of shell in the bare root. */
function inRoot(line) {
  const { status, stdout, stderr } = spawnSync("chroot", [root, "/bin/sh", "-euc", line], {
    ...{ encoding: "utf8", env: ENV },
  });
  return { status, stdout, stderr };
}

function install(archive) {
  rmSync(join(root, "opt", "shield"), { recursive: true, force: true });
  mkdirSync(join(root, "opt"), { recursive: true });
  const { status, stderr } = spawnSync("tar", ["-xzf", resolve(archive), "-C", join(root, "opt")]);
  if (status !== 0) throw new Error(`cannot unpack ${archive}: ${stderr}`);
}

async function until(holds, what) {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const found = await holds();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${WAIT_MS / 1_000} s`);
    await sleep(200);
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Starts `shield serve` in the root, and waits until it answers; undefined where it refuses. */
async function serve(port) {
  const settings = [
    `http.port=${port}`,
    `guardian=${JSON.stringify(POLICY)}`,
    "unknown_network=elevated",
  ];
  const args = ["serve", "--config", SITE, ...settings.flatMap((one) => ["--set", one])];
  const child = spawn("chroot", [root, "/opt/shield/bin/shield", ...args], {
    ...{
      stdio: ["ignore", "ignore", "pipe"],
      env: ENV,
    },
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (more) => (log += more));
  const running = await until(async () => {
    if (child.exitCode !== null) return null;
    const answer = await fetch(`http://127.0.0.1:${port}/livez`).catch(() => undefined);
    return answer?.ok ? true : undefined;
  }, "shield serve");
  return {
    refused: running === null,
    log: () => log,
    async stop() {
      if (child.exitCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

const SITE = "/root/site/shield.yaml";
/** One payment of three coins fits into a day, two do not. */
const POLICY = {
  max_per_tx: "4",
  max_24h: "5",
  max_fee: "0.01",
  claim: "explicit",
  allow_valid_seconds: 300,
};
const paymentOf = (amount) => ({
  ...{ wallet_id: "hot", account_id: "ada", amount, max_fee: "0.001" },
  destinations: [{ address, amount: (Number(amount) - 0.001).toFixed(3) }],
  ...{ wallet_balance: "100000", behaviour_score: 1, trusted_device: true },
});
let address = "";

/** Decides; while the service has just started, its nodes are asked once more. */
async function decide(id, amount = "3") {
  const wanted = { port, key };
  return until(async () => {
    const { body } = await call(
      wanted.port,
      wanted.key,
      "PUT",
      `/v1/payments/${id}`,
      paymentOf(amount),
    );
    const isEarly = ["own_node_stale", "network_unknown"].includes(body.veto);
    return isEarly ? undefined : { final: body.final, text: JSON.stringify(body) };
  }, "a decision");
}

const isRefused = ({ final, text }, code) => final !== "ALLOW" && text.includes(code);

async function call(port, key, method, path, body) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

/** Commands of docs/install.md under a heading; what only a running systemd does is left out. */
function commandsOf(heading) {
  const page = readFileSync(join(ROOT, "docs", "install.md"), "utf8");
  const [, part = ""] = page.split(`\n## ${heading}\n`);
  const [own = ""] = part.split("\n## ");
  return [...own.matchAll(/^```text\n([^]*?)^```$/gm)]
    .flatMap(([, code]) => code.trim().split(/(?<!\\)\n/))
    .filter((line) => !line.startsWith("systemctl") && !line.startsWith("tar "));
}

/** Sets the service up by the page, and starts it by the unit's own line, as the unit's user. */
async function asTheServiceUser(port) {
  const lines = [...commandsOf("Install the bundle"), ...commandsOf("As a service")];
  const made = lines.findIndex((line) => line.startsWith("cd /var/lib/shield"));
  // What systemd would bring, and a cookie that the service's user may read.
  const before = "mkdir -p /etc/systemd/system";
  const cookie = "install -o shield -m 0600 /node/regtest/.cookie /var/lib/shield/cookie";
  const script = [before, ...lines.slice(0, made), cookie, ...lines.slice(made)]
    .join("\n")
    .replace("--node URL", `--node http://127.0.0.1:${rpcPort}`)
    .replace("--cookie FILE", "--cookie /var/lib/shield/cookie");
  const set = inRoot(script);
  assert(set.status === 0, `page: set up as a service ${set.status === 0 ? "" : set.stderr}`);
  const key = /^reader +(\S+)$/m.exec(set.stdout)?.[1];
  const unit = readFileSync(join(root, "etc/systemd/system/shield.service"), "utf8");
  const [, start = ""] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
  const line = `cd /var/lib/shield; exec setpriv --reuid shield --regid shield --init-groups --no-new-privs ${start} --set http.port=${port}`;
  const child = spawn("chroot", [root, "/bin/sh", "-euc", line], { stdio: "ignore", env: ENV });
  try {
    const status = await until(async () => {
      if (child.exitCode !== null) throw new Error(`the unit's line ended with ${child.exitCode}`);
      return call(port, key, "GET", "/v1/status").catch(() => undefined);
    }, "the unit's line");
    assert(status.status === 200, `page: the unit's line serves: ${status.body.state}`);
  } finally {
    child.kill("SIGTERM");
    if (child.exitCode === null) await once(child, "exit");
  }
  const removal = inRoot(commandsOf("Removal").join("\n"));
  assert(removal.status === 0, `page: removal ${removal.stderr}`);
}

const port = await freePort();
const rpcPort = await freePort();
const peerPort = await freePort();
const nodeFolder = join(root, "node");
for (const name of ["node", "root/site"])
  rmSync(join(root, name), { recursive: true, force: true });
mkdirSync(nodeFolder);
const before = new Set(readdirSync(root));
const node = spawn("litecoind", [
  ...["-regtest", "-server", `-datadir=${nodeFolder}`, `-rpcport=${rpcPort}`, `-port=${peerPort}`],
  ...[
    "-bind=127.0.0.1",
    "-rpcbind=127.0.0.1",
    "-rpcallowip=127.0.0.1",
    "-vbparams=mweb:-2:0",
    "-printtoconsole=0",
  ],
]);
const nodeEnded = once(node, "exit");
const cli = (...args) =>
  spawnSync(
    "litecoin-cli",
    ["-regtest", `-datadir=${nodeFolder}`, `-rpcport=${rpcPort}`, ...args],
    { encoding: "utf8" },
  );
let [service, key, reader] = [];
try {
  await until(() => (cli("getblockcount").status === 0 ? true : undefined), "litecoind");
  cli("createwallet", "w");
  cli("-generate", "10");
  address = cli("getnewaddress").stdout.trim();

  const first = values.previous ?? values.bundle;
  install(first);
  const tools = inRoot("for one in node npm pnpm; do command -v $one || true; done").stdout.trim();
  assert(tools === "", "the root has neither Node nor a package manager of it");
  if (existsSync(join(root, "opt/shield/SHA256SUMS"))) {
    assert(
      inRoot("cd /opt/shield && sha256sum --quiet -c SHA256SUMS").status === 0,
      "every file is the one that was bundled",
    );
  }
  const begunMs = performance.now();
  const init = inRoot(
    `/opt/shield/bin/shield init --dir /root/site --node http://127.0.0.1:${rpcPort} --cookie /node/regtest/.cookie --yes`,
  );
  assert(init.status === 0, `shield init ${init.status === 0 ? "" : init.stderr}`);
  key = /^wallet +(\S+)$/m.exec(init.stdout)?.[1];
  reader = /^reader +(\S+)$/m.exec(init.stdout)?.[1];
  service = await serve(port);
  assert(!service.refused, "shield serve answers");
  const decided = await decide("b-1");
  const seconds = ((performance.now() - begunMs) / 1_000).toFixed(1);
  assert(
    decided.final === "ALLOW",
    `first decision ${seconds} s after shield init: ${decided.final}`,
  );
  const page = await fetch(`http://127.0.0.1:${port}/dashboard/`);
  assert(page.ok && (await page.text()).includes("<script"), "the dashboard is served");
  const doctor = inRoot(`/opt/shield/bin/shield doctor --config ${SITE}`);
  assert(/ok +ledger/.test(doctor.stdout), "shield doctor finds the ledger well");
  await service.stop();

  const seqOf = async () =>
    (await call(port, reader, "GET", "/v1/records?limit=1000")).body.records?.length ?? 0;
  if (values.previous !== undefined) {
    install(values.bundle);
    service = await serve(port);
    assert(!service.refused, "upgrade: the new bundle takes the data of the previous one");
    assert((await decide("b-1")).final === "ALLOW", "upgrade: the reservation holds");
    assert(isRefused(await decide("b-1", "4"), "content_changed"), "upgrade: its id is taken");
    assert(isRefused(await decide("b-2"), "daily_limit"), "upgrade: the limit is not forgotten");
    const claim = await call(port, key, "POST", "/v1/payments/b-1/claim", { signer_id: "s" });
    assert(claim.body.decision === "ALLOW", "upgrade: it can be claimed");
    const records = await seqOf();
    await service.stop();

    install(values.previous);
    service = await serve(port);
    if (service.refused) {
      assert(/ledger|state|config/.test(service.log()), "roll-back: refused, with a reason");
    } else {
      assert(
        isRefused(await decide("b-3"), "daily_limit"),
        "roll-back: the limit is not forgotten",
      );
      const { body } = await call(port, key, "GET", "/v1/payments/b-1");
      assert(body.status === "claimed", "roll-back: what was claimed is claimed");
      assert((await seqOf()) > records, "roll-back: no record is missing");
    }
    await service.stop();
    install(values.bundle);
    service = await serve(port);
    assert(!service.refused, "and forward again");
    assert(
      isRefused(await decide("b-4"), "daily_limit"),
      "forward again: the limit is not forgotten",
    );
    await service.stop();
  }

  rmSync(join(root, "root", "site"), { recursive: true });
  await asTheServiceUser(port);
  inRoot("userdel shield; rm -r /var/lib/shield /etc/shield");
  const left = inRoot(
    "find / -xdev -iname '*shield*' -not -path '/proc/*' -not -path '/node/*'",
  ).stdout.trim();
  assert(left === "", `removal leaves nothing ${left}`);
  assert(
    readdirSync(root).every((name) => before.has(name)),
    "and no new folder at the top",
  );
} finally {
  await service?.stop();
  node.kill("SIGTERM");
  await nodeEnded;
  rmSync(nodeFolder, { recursive: true, force: true });
}

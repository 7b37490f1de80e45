/** `shield propose` and `shield proposals` as a person uses them, against a governed service that listens. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addPropose } from "../../../src/cli/governance/add-propose.js";
import { EXIT } from "../../../src/errors.js";
import { actorOf } from "../../support/governed.js";
import { type GovernedHttp, startGovernedHttp } from "../../support/governed-http.js";
import { runInProcess } from "../../support/in-process.js";
import { WALLET } from "../../support/service.js";

const folder = mkdtempSync(join(tmpdir(), "shield-proposals-"));
let world: GovernedHttp;
let url: string;
beforeAll(async () => {
  world = await startGovernedHttp();
  url = await world.listen();
  for (const [name, token] of Object.entries(world.tokens))
    writeFileSync(join(folder, name), `${token}\n`, { mode: 0o600 });
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a command as the holder of a key. */
const as = (holder: string, ...args: string[]) =>
  runInProcess(addPropose, [...args, "--url", url, "--key-file", join(folder, holder)]);
const why = ["--reason", "a drill"];
const jsonOf = (stdout: string) => JSON.parse(stdout) as Record<string, unknown>;
const idIn = (text: string): string => /p-[0-9a-f]{12}/.exec(text)?.[0] ?? "none";
const freeze = async (): Promise<string> => {
  const by = actorOf(world.keys["ann"]!);
  const frozen = await world.service.freeze("wallet", WALLET, "a drill", by);
  return (frozen as { cause_id: string }).cause_id;
};
const proposeLift = async (...more: string[]) => {
  const cause = await freeze();
  return as("ann", "propose", "unfreeze", "--scope", "cause", "--id", cause, ...why, ...more);
};

describe("shield propose", () => {
  it("shows what was proposed and how others approve it", async () => {
    const { code, stdout, stderr } = await proposeLift();
    expect([code, stdout]).toEqual([EXIT.done, ""]);
    const id = idIn(stderr);
    expect(stderr).toContain(`${id}  open       0/2  unfreeze  by ann: a drill`);
    expect(stderr).toContain("scope: cause");
    const subject = `It lifts the freeze of wallet ${WALLET} by operator (ann): a drill`;
    expect(stderr).toContain(subject);
    // The list says it as well, and for programs.
    const listed = await as("bob", "proposals");
    expect(listed.stdout).toContain(`a drill\n  ${subject}\n`);
    const { proposals } = jsonOf((await as("bob", "proposals", "--json")).stdout);
    expect(proposals).toContainEqual(
      expect.objectContaining({ proposal_id: id, subject: [subject] }),
    );
    expect(stderr).toContain(`Others approve it: shield proposals approve ${id} --url ${url}`);
  });

  it("writes one JSON object, and nothing else", async () => {
    const { code, stdout, stderr } = await proposeLift("--json");
    expect([code, stderr]).toEqual([EXIT.done, ""]);
    expect(jsonOf(stdout)).toMatchObject({
      ...{ status: "open", change: { kind: "unfreeze", scope: "cause" } },
      ...{ reason: "a drill", proposed_by: { operator: "ann" }, approvals_needed: 2 },
    });
  });

  it("states how far the clock steps, for those who approve", async () => {
    const { code, stderr } = await as("bob", "propose", "accept-clock", ...why);
    expect([code, stderr]).toEqual([
      EXIT.done,
      expect.stringContaining("the clock is trusted: in step with the time that has passed"),
    ]);
  });

  it("makes a reporter's key: what it reports for is shown, and its token is never sent", async () => {
    const args = ["--role", "reporter", "--name", "Berlin", "--operator", "berlin"];
    const nodes = ["--node", "b-1", "--node", "b-2", "--expires", "30d"];
    const made = await as("bob", "propose", "key-add", ...args, ...nodes, ...why);
    expect(made.code).toBe(EXIT.done);
    expect(made.stderr).toMatch(
      /adds key [0-9a-f]{12} of Berlin: reporter, for berlin: b-1, b-2, until 20\d\d-/,
    );
    const token = made.stdout.trim();
    // The secret may have the separator in it.
    const [, secret] = /^shd_[0-9a-f]{12}_(.{20,})$/.exec(token) ?? [];
    expect(secret).toBeDefined();
    const kept = JSON.stringify([world.service.proposals(), await world.service.records(0, 1_000)]);
    expect(kept).toContain("Berlin");
    expect(kept).not.toContain(secret);
  });

  it("gives a new key's token in the same JSON object", async () => {
    const args = ["--role", "wallet", "--name", "back end", "--wallet", "hot-1", "--json"];
    const { code, stdout, stderr } = await as("cleo", "propose", "key-add", ...args, ...why);
    expect([code, stderr]).toEqual([EXIT.done, ""]);
    expect(jsonOf(stdout)).toMatchObject({
      change: { kind: "keys", add: [{ name: "back end", wallets: ["hot-1"], role: "wallet" }] },
      token: expect.stringMatching(/^shd_/),
    });
  });

  it.each([
    ["release-incident", ["no-such-1"], /409: nothing_to_change: .*there is no such incident/],
    ["release-payment", ["w-none"], /409: nothing_to_change: .*not claimed/],
    [
      "unfreeze",
      ["--scope", "wallet", "--id", "calm"],
      /409: nothing_to_change: nothing of this is/,
    ],
    ["key-revoke", ["0123456789ab"], /invalid_change: .*there is no key 0123456789ab/],
    ["key-revoke", ["no-key"], /422|400/],
    ["key-add", ["--role", "reporter", "--name", "x"], /reports_for/],
    ["key-add", ["--role", "operator", "--name", "x", "--operator", "site"], /reports_for/],
    ["unfreeze", ["--scope", "planet", "--id", "x"], /choices|invalid/i],
    ["key-add", ["--role", "king", "--name", "x"], /choices|invalid/i],
    ["key-add", ["--role", "wallet", "--name", "x", "--expires", "soon"], /such as 90s/],
    ["key-revoke", [], /missing required argument/],
    ["release-payment", [], /missing required argument/],
    ["approve-destination", ["--address", "a"], /give --account, or --wallet/],
    [
      "approve-destination",
      ["--account", "a", "--wallet", "w", "--address", "a"],
      /give --account, or --wallet/,
    ],
    ["configuration", ["--config", "/nonexistent/shield.yaml"], /nonexistent/],
    ["levitate", [], /unknown command/],
  ])("refuses %s %j with what is wrong", async (name, args, text) => {
    const { code, stdout, stderr } = await as("ann", "propose", name, ...args, ...why);
    expect([stdout, stderr]).toEqual(["", expect.stringMatching(text)]);
    expect(code).toBe(name === "configuration" ? EXIT.bad_config : EXIT.usage);
  });

  it("asks for a reason, a key that governs, and a service", async () => {
    const bare = await as("ann", "propose", "accept-clock");
    expect([bare.code, bare.stderr]).toEqual([EXIT.usage, expect.stringMatching(/--reason/)]);
    const auditor = await as("auditor", "propose", "accept-clock", ...why);
    expect([auditor.code, auditor.stderr]).toEqual([
      EXIT.usage,
      expect.stringMatching(/403: role_not_allowed/),
    ]);
    const line = ["propose", "accept-clock", ...why];
    const keyless = await runInProcess(addPropose, [...line, "--url", url]);
    expect([keyless.code, keyless.stderr]).toEqual([
      EXIT.usage,
      expect.stringMatching(/--key-file/),
    ]);
    const key = ["--key-file", join(folder, "ann")];
    const gone = await runInProcess(addPropose, [...line, ...key, "--url", "http://127.0.0.1:1"]);
    expect([gone.code, gone.stderr]).toEqual([
      EXIT.usage,
      expect.stringMatching(/does not answer: nothing is known/),
    ]);
    const odd = await runInProcess(addPropose, [...line, ...key, "--url", "file:///etc"]);
    expect([odd.code, odd.stderr]).toEqual([
      EXIT.usage,
      expect.stringMatching(/must be an address/),
    ]);
  });
});

describe("shield proposals", () => {
  it("lists, shows, approves and carries out, by any place of --url and --json", async () => {
    const id = idIn((await proposeLift()).stderr);
    const listed = await as("bob", "proposals");
    expect([listed.code, listed.stdout]).toEqual([
      EXIT.done,
      expect.stringMatching(new RegExp(`^${id}  open {7}0/2`, "m")),
    ]);
    const shown = await as("cleo", "proposals", "show", id, "--json");
    expect(jsonOf(shown.stdout)).toMatchObject({ proposal_id: id, votes: [] });
    const first = await runInProcess(addPropose, [
      ...["proposals", "--url", url, "--key-file", join(folder, "bob"), "--json"],
      ...["approve", id, "--reason", "compared"],
    ]);
    expect(jsonOf(first.stdout)).toMatchObject({ approvals: 1, status: "open" });
    const done = await as("dora", "proposals", "approve", id);
    expect([done.code, done.stdout]).toEqual([
      EXIT.done,
      expect.stringMatching(new RegExp(`^${id}  executed {3}2/2  unfreeze  by ann: a drill\n`)),
    ]);
    expect(done.stdout).toMatch(/approve: bob: compared\n/);
    expect(done.stdout).toMatch(/done: it was carried out \(20/);
    const pending = await as("bob", "proposals");
    expect(pending.stdout).not.toContain(id);
    const all = await as("bob", "proposals", "--all", "--json");
    expect(jsonOf(all.stdout)).toMatchObject({
      governance: { approvals: 2, governors: 4 },
      proposals: expect.arrayContaining([expect.objectContaining({ proposal_id: id })]),
    });
  });

  it("rejects, takes back and withdraws with a reason", async () => {
    const id = idIn((await proposeLift()).stderr);
    await as("bob", "proposals", "approve", id);
    const bare = await as("bob", "proposals", "reject", id);
    expect([bare.code, bare.stderr]).toEqual([EXIT.usage, expect.stringMatching(/--reason/)]);
    const back = await as("bob", "proposals", "reject", id, "--reason", "not yet");
    expect(back.stdout).toMatch(/open {7}0\/2/);
    expect(back.stdout).toMatch(/reject: bob: not yet/);
    const foreign = await as("cleo", "proposals", "withdraw", id, ...why);
    expect([foreign.code, foreign.stderr]).toEqual([
      EXIT.usage,
      expect.stringMatching(/not_proposer/),
    ]);
    const own = await as("ann", "proposals", "withdraw", id, "--reason", "the wrong one");
    expect([own.code, own.stdout]).toEqual([
      EXIT.done,
      expect.stringMatching(/withdrawn: the wrong one/),
    ]);
    const late = await as("cleo", "proposals", "approve", id);
    expect([late.code, late.stderr]).toEqual([
      EXIT.usage,
      expect.stringMatching(/409: proposal_closed: the proposal is withdrawn/),
    ]);
  });

  it.each([
    ["ann", "own_proposal"],
    ["auditor", "role_not_allowed"],
    ["ada", "role_not_allowed"],
  ])("refuses a vote of %s: %s", async (holder, code) => {
    const id = idIn((await proposeLift()).stderr);
    const refused = await as(holder, "proposals", "approve", id);
    expect([refused.code, refused.stdout, refused.stderr]).toEqual([
      ...[EXIT.usage, "", expect.stringContaining(code)],
    ]);
    await as("ann", "proposals", "withdraw", id, ...why);
  });

  it("names one that is not there, and shows hostile texts without their control characters", async () => {
    const none = await as("bob", "proposals", "show", "p-000000000000");
    expect([none.code, none.stderr]).toEqual([EXIT.usage, expect.stringMatching(/404: not_found/)]);
    const path = await as("bob", "proposals", "show", "../status");
    expect([path.code, path.stdout]).toEqual([EXIT.usage, ""]);
    const by = actorOf(world.keys["bob"]!);
    const reason = "all fine\u202e drow ssap \u001b[2J";
    const made = await world.service.propose({ kind: "accept_clock" }, reason, by);
    const id = (made as { proposal_id: string }).proposal_id;
    for (const args of [["show", id], []]) {
      const { stdout } = await as("ann", "proposals", ...args);
      expect(stdout).toContain("all fine");
      expect(stdout).not.toMatch(/[\u202e\u001b]/);
    }
  });
});

describe("the help", () => {
  const helpOf = async (...args: string[]) =>
    (await runInProcess(addPropose, [...args, "--help"])).stdout;
  const examplesIn = (text: string): string[] => text.match(/^ {2}shield .*$/gm) ?? [];

  it("of each subcommand has its own example, and no other", async () => {
    const kinds = [
      ...["unfreeze", "accept-clock", "release-incident", "release-payment"],
      ...["approve-destination", "key-add", "key-revoke", "configuration"],
    ];
    for (const kind of kinds) {
      const [example, ...others] = examplesIn(await helpOf("propose", kind));
      expect([example, others]).toEqual([
        expect.stringMatching(new RegExp(`^ {2}shield propose ${kind} .*--reason "`)),
        [],
      ]);
    }
    expect(examplesIn(await helpOf("propose"))).toHaveLength(kinds.length);
    for (const act of ["show", "approve", "reject", "withdraw"]) {
      expect(examplesIn(await helpOf("proposals", act))).toEqual([
        expect.stringMatching(new RegExp(`^ {2}shield proposals ${act} p-`)),
      ]);
    }
  });

  it("gives examples that the command takes", async () => {
    const lines = [
      ...examplesIn(await helpOf("propose")),
      ...examplesIn(await helpOf("proposals")),
    ];
    for (const line of lines) {
      const [, ...args] = (line.trim().match(/"[^"]*"|\S+/g) ?? []).map((word) =>
        word.replaceAll('"', ""),
      );
      const { stderr } = await as("auditor", ...args);
      expect([line, stderr]).toEqual([
        line,
        expect.not.stringMatching(/unknown|missing|required|Usage|choices/i),
      ]);
    }
  });
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "tsup";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { check } from "../../../src/adapters/vectors/check.js";
import { createProcessImplementation } from "../../../src/adapters/vectors/process-implementation.js";
import { loadVectors } from "../../../src/adapters/vectors/load.js";
import { threeCases } from "../../support/vector-files.js";

const quote = (text: string) => `"${text}"`;
const node = quote(process.execPath);
const FIXTURES = join(import.meta.dirname, "../../support");

describe("createProcessImplementation", () => {
  const script = quote(join(FIXTURES, "process.mjs"));
  const ask = (way: string, timeoutMs = 10_000) =>
    check(createProcessImplementation(`${node} ${script} ${way}`, timeoutMs), [threeCases()]);

  it.each(["well", "slices"])("passes a process that answers (%s)", async (way) => {
    expect(await ask(way)).toMatchObject({ passed: 3, failed: 0 });
  });

  it.each([
    ["crash", "the process ended with exit code 3"],
    ["garbage", "answer is not a line of JSON: not JSON"],
    ["array", 'answer is not {"id", "answer"}'],
    ["other", 'answer is for "strict-json/first", not for the case asked'],
    ["half", "the process ended with exit code 0"],
    ["lie", "/ok: expected true, got false"],
  ])("fails the one case of a process that does this: %s", async (way, reason) => {
    const { passed, failures } = await ask(way);
    expect(failures).toMatchObject([{ id: "second", clause: "a clause", reason }]);
    expect(passed).toBe(2);
  });

  it("ends a process that hangs, and goes on with a new one", async () => {
    const { passed, failures } = await ask("hang", 1500);
    expect(failures).toMatchObject([{ id: "second", reason: "no answer within 1500 ms" }]);
    expect(passed).toBe(2);
  });

  it("gives up on a command that never answers", async () => {
    const command = createProcessImplementation(`${node} -e "process.exit(7)"`, 10_000);
    const report = await check(command, [threeCases(), threeCases()]);
    expect(report.unreachable).toBe("the process ended with exit code 7");
    expect(report.failed).toBe(3);
  });

  it("hands over the configuration of a case", async () => {
    const file = threeCases({ config: { forward: "digest" }, expect: { forward: "digest" } });
    const command = createProcessImplementation(`${node} ${script} well`, 10_000);
    expect(await check(command, [file])).toMatchObject({ passed: 3, failed: 0 });
  });
});

describe("the executable", () => {
  const folder = join(import.meta.dirname, "dist");
  const cli = join(folder, "cli.js");

  beforeAll(() =>
    build({
      config: false,
      entry: [join(import.meta.dirname, "../../../src/adapters/vectors/cli.ts")],
      outDir: folder,
      format: "esm",
      target: "node20",
      silent: true,
    }),
  );
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function execute(args: string[], input = ""): Promise<{ code: number; text: string }> {
    const child = spawn(process.execPath, [cli, ...args], { stdio: "pipe" });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
    }
    child.stdin.end(input);
    const [code] = (await once(child, "close")) as [number];
    return { code, text };
  }

  it("passes itself: check --command answers every suite of contract", async () => {
    const command = `${node} ${quote(cli)} answer`;
    const { code, text } = await execute(["check", "--command", command, "--suite", "contract"]);
    expect(text).toMatch(/^\d{3} passed, 0 failed\n$/m);
    expect(code).toBe(0);
  });

  it("asks the vectors of another layer, a folder of them, and no suite of its own", async () => {
    const vectors = mkdtempSync(join(tmpdir(), "vectors-"));
    const [one] = loadVectors("amounts").cases;
    const file = { ...loadVectors("amounts"), suite: "elsewhere-1", cases: [one] };
    writeFileSync(join(vectors, "elsewhere.json"), JSON.stringify(file));
    writeFileSync(join(vectors, "clauses.json"), "{}");
    const command = `${node} ${quote(cli)} answer`;
    const { code, text } = await execute(["check", "--command", command, "--vectors", vectors]);
    expect(text).toMatch(/^elsewhere-1 {2}0 passed, 1 failed\n0 passed, 1 failed\n$/m);
    expect(code).toBe(1);
    rmSync(vectors, { recursive: true });
  });

  it("fails itself where it has no implementation", async () => {
    const command = `${node} ${quote(cli)} answer`;
    const { code } = await execute(["check", "--command", command, "--suite", "dqsn-v2"]);
    expect(code).toBe(1);
  });

  it("answers a malformed question, and goes on", async () => {
    const question = JSON.stringify({ id: "1", suite: "amounts", input_base64: "IjEuNSI=" });
    const { code, text } = await execute(["answer"], `{"id":1}\nx\n${question}\n`);
    expect(
      text
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { id: null, answer: { ok: false, code: "invalid_question", path: "" } },
      { id: null, answer: { ok: false, code: "invalid_question", path: "" } },
      { id: "1", answer: { ok: true, units: "150000000", text: "1.5" } },
    ]);
    expect(code).toBe(0);
  });

  it.each([
    [["--help"], 0, "Usage: contract"],
    [["check", "--help"], 0, "Exit codes"],
    [[], 2, "no command given"],
    [["verify"], 2, "cannot: verify"],
    [["answer", "x"], 2, "cannot: answer x"],
    [["check"], 2, "give either --url or --command"],
    [["check", "--url", "http://a", "--command", "b"], 2, "give either --url or --command"],
    [["check", "--url", "ftp://a"], 2, "--url is not an http or https URL: ftp://a"],
    [["check", "--url", "localhost"], 2, "--url is not an http or https URL: localhost"],
    [["check", "--command", " "], 2, "--command is empty"],
    [["check", "--url", "http://a", "--suite", "x"], 2, 'no suite "x"'],
    [["check", "--url", "http://a", "--timeout", "-1"], 2, "--timeout"],
    [["check", "--url", "http://a", "--timeout", "0"], 2, "--timeout is not a number of seconds"],
    [["check", "--url", "http://a", "--fast"], 2, "'--fast'"],
    [["check", "--url", "http://a", "more"], 2, "'more'"],
    [["check", "--url", "http://a", "--vectors", "/none"], 2, "--vectors: ENOENT"],
    [["check", "--url", "http://a", "--vectors", import.meta.filename], 2, "not a file of vectors"],
    [["check", "--url", "http://a", "--vectors", FIXTURES], 2, "no file of vectors in"],
  ])("given %j exits with %i", async (args, expected, message) => {
    const { code, text } = await execute(args);
    expect(text).toContain(message);
    expect(code).toBe(expected);
  });
});

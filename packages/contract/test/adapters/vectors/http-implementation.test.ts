import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { check } from "../../../src/adapters/vectors/check.js";
import { createHttpImplementation } from "../../../src/adapters/vectors/http-implementation.js";
import { run } from "../../../src/adapters/vectors/run.js";
import { answer, isContractSuite, loadVectors } from "../../../src/adapters/vectors/index.js";
import { threeCases } from "../../support/vector-files.js";

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function closedPort(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await once(server.close(), "close");
  return `http://127.0.0.1:${port}`;
}

type Answer = ReturnType<typeof answer>;

/** Our own implementation behind HTTP; `twist` may change its answers. */
const ours =
  (twist: (answer: Answer) => unknown = (said) => said): RequestListener =>
  (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const suite = request.url?.split("/").pop()?.split("?")[0] ?? "";
      if (!isContractSuite(suite)) return response.writeHead(404).end();
      return response.end(JSON.stringify(twist(answer(suite, Buffer.concat(chunks)))));
    });
  };

async function runCheck(...args: string[]): Promise<{ code: number; text: string }> {
  let text = "";
  const write = (said: string) => void (text += said);
  const code = await run(["check", ...args], {
    stdin: process.stdin,
    stdout: write,
    stderr: write,
  });
  return { code, text };
}

describe("contract check --url", () => {
  it("passes our own implementation", async () => {
    const url = await serve(ours());
    const { code, text } = await runCheck("--url", `${url}/v3/`, "--suite", "contract");
    expect(text).toMatch(/^strict-json +\d+ passed, 0 failed$/m);
    expect(text).toMatch(/^\d{3} passed, 0 failed\n$/m);
    expect(code).toBe(0);
  });

  it("fails one that lies, with clause and difference, as text and as JSON", async () => {
    const lie = (said: Answer) => (said["sha256"] ? { ...said, sha256: "0".repeat(64) } : said);
    const url = await serve(ours(lie));
    const args = ["--url", url, "--suite", "canonical", "--suite", "amounts"];
    const { code, text } = await runCheck(...args);
    expect(code).toBe(1);
    expect(text).toContain("FAILED canonical/rfc-sorting: the RFC's sorting sample");
    expect(text).toContain("RFC 8785, section 3.2.3");
    expect(text).toContain("/sha256: expected");

    const accepted = loadVectors("canonical").cases.filter(({ expect: said }) => said["ok"]);
    const report = JSON.parse((await runCheck(...args, "--json")).text);
    expect(report.failed).toBe(accepted.length);
    expect(report.passed).toBe(loadVectors("amounts").cases.length + refusals("canonical"));
    expect(report.failures[0]).toMatchObject({ suite: "canonical", clause: expect.any(String) });
  });

  it("fails one that accepts everything", async () => {
    const url = await serve(ours(() => ({ ok: true })));
    const { code, text } = await runCheck("--url", url, "--suite", "strict-json");
    expect(code).toBe(1);
    expect(text).toContain(`${refusals("strict-json")} failed`);
  });

  it("fails a suite that is not implemented", async () => {
    const url = await serve(ours());
    const { code, text } = await runCheck("--url", url, "--suite", "dqsn-v2");
    expect(code).toBe(1);
    expect(text).toContain("HTTP status 404");
  });

  it("stops where no case is answered", async () => {
    const { code, text } = await runCheck("--url", await closedPort());
    expect(code).toBe(2);
    expect(text).toContain("No answer, the rest was not sent");
    expect(text).toContain("ECONNREFUSED");
  });
});

const refusals = (suite: "strict-json" | "canonical"): number =>
  loadVectors(suite).cases.filter(({ expect: said }) => !said["ok"]).length;

describe("createHttpImplementation", () => {
  const reasonFrom = async (listener: RequestListener, timeoutMs = 60_000) => {
    const url = new URL(await serve(listener));
    const report = await check(createHttpImplementation(url, timeoutMs), [threeCases()]);
    expect(report.failed).toBe(3);
    return report.failures[0]?.reason;
  };

  it.each<[string, RequestListener, string]>([
    ["an answer that is not JSON", (_, response) => response.end("<html>"), "not JSON"],
    ["a redirect", (_, response) => response.writeHead(302, { location: "/x" }).end(), "redirect"],
    ["a connection that breaks", (request) => request.socket.destroy(), "other side closed"],
    [
      "an endless answer",
      (_, response) => {
        response.write("[");
        response.write("1,".repeat(5_000_000));
      },
      "larger than",
    ],
  ])("fails %s", async (_, listener, reason) => {
    expect(await reasonFrom(listener)).toContain(reason);
  });

  it("fails a server that hangs", async () => {
    expect(await reasonFrom(() => undefined, 200)).toContain("no answer within 200 ms");
  });

  it("sends the bytes as body and the configuration in the query", async () => {
    const seen: unknown[] = [];
    const url = await serve((request, response) => {
      request.on("data", (chunk: Buffer) => seen.push([request.method, request.url, [...chunk]]));
      request.on("end", () => response.end('{"ok":true}'));
    });
    const file = threeCases({ input: { base64: "Iv8i" }, config: { forward: "digest" } });
    const cases = file.cases.slice(1, 2);
    const implementation = createHttpImplementation(new URL(`${url}/base?key=1`), 5000);
    expect((await check(implementation, [{ ...file, cases }])).passed).toBe(1);
    const target = "/base/strict-json?key=1&config=%7B%22forward%22%3A%22digest%22%7D";
    expect(seen).toEqual([["POST", target, [0x22, 0xff, 0x22]]]);
  });
});

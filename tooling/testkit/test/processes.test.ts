import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { startScript } from "../src/child-process.js";
import { freePort, startServer } from "../src/servers.js";
import { hasProgram, hasServer, missing } from "../src/services.js";

const scratch = mkdtempSync(join(tmpdir(), "testkit-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

function script(text: string): string {
  const file = join(scratch, "script.mjs");
  writeFileSync(file, text);
  return file;
}

describe("startScript", () => {
  it("waits for a line, and ends the child", async () => {
    const child = startScript(
      script("console.log(process.argv[2]); setInterval(() => {}, 1000);"),
      ["ready"],
    );
    expect(await child.line((line) => line === "ready")).toBe("ready");
    expect(await child.end("SIGKILL")).toBe(null);
  });

  it("rejects where the child ends before the line", async () => {
    const child = startScript(script("process.exit(3)"), []);
    await expect(child.line(() => false)).rejects.toThrow("ended with 3");
    expect(await child.end("SIGKILL")).toBe(3);
  });
});

describe("startServer", () => {
  it("answers until it is closed", async () => {
    const server = await startServer((_, response) => response.end("here"));
    expect(await (await fetch(server.url)).text()).toBe("here");
    await server.close();
    await expect(fetch(server.url)).rejects.toThrow();
  });
});

describe("missing services", () => {
  it("are skipped with a line", async () => {
    vi.stubEnv("REQUIRE_SERVICES", "");
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    expect(hasProgram(["no-such-program"], "install it")).toBe(false);
    expect(await hasServer(await freePort(), "a server", "start it")).toBe(false);
    expect(warn).toHaveBeenCalledWith(
      "no-such-program is missing: skipping what needs it (install it)",
    );
  });

  it("are an error where they are required", () => {
    vi.stubEnv("REQUIRE_SERVICES", "1");
    expect(() => missing("a server", "start it")).toThrow("a server is required: start it");
  });

  it("are none where they are there", async () => {
    vi.stubEnv("REQUIRE_SERVICES", "1");
    const { server, close } = await startServer((_, response) => response.end());
    const { port } = server.address() as { port: number };
    expect(await hasServer(port, "a server", "start it")).toBe(true);
    expect(hasProgram([process.execPath, "--version"], "")).toBe(true);
    await close();
  });
});

/** NATS servers that the tests use: one that runs, and their own that they can stop. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@dgb-shield/testkit/servers";
import { hasProgram, missing } from "@dgb-shield/testkit/services";
import { connect, type NatsConnection } from "@nats-io/transport-node";

const URL = process.env["NATS_URL"] ?? "nats://127.0.0.1:4222";

/** Whether a NATS server with JetStream answers at NATS_URL. */
export async function hasNats(): Promise<boolean> {
  try {
    await (await connect({ servers: URL, timeout: 2_000, reconnect: false })).close();
    return true;
  } catch {
    return missing(`NATS at ${URL}`, "run `nats-server -js`, or set NATS_URL");
  }
}

/** Whether the tests can start a server of their own. */
export const hasNatsServer = (): boolean =>
  hasProgram(["nats-server", "--version"], "Debian: apt-get install nats-server; or from nats.io");

export const connectTo = (servers: string = URL): Promise<NatsConnection> =>
  connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 50, reconnectJitter: 0 });

/** A server of a test's own, which keeps its streams while it is stopped. */
export async function ownServer() {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "dqsn-nats-"));
  let child: ChildProcess | undefined;
  return {
    url: `nats://127.0.0.1:${port}`,
    folder,
    start: () => {
      child = spawn("nats-server", ["-a", "127.0.0.1", "-p", `${port}`, "-js", "-sd", folder], {
        stdio: "ignore",
      });
    },
    /** Lets the server hang: it keeps its connections and answers nothing. */
    pause: () => child?.kill("SIGSTOP"),
    resume: () => child?.kill("SIGCONT"),
    stop: async () => {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await exit;
    },
  };
}

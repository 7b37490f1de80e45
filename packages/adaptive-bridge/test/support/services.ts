/** Services and tools that some tests need: skipped with a line where missing, a failure with REQUIRE_SERVICES=1. */
import { spawnSync } from "node:child_process";
import { connect } from "node:net";

const isRequired = process.env["REQUIRE_SERVICES"] === "1";

function missing(what: string, how: string): false {
  if (isRequired) throw new Error(`${what} is required: ${how}`);
  console.warn(`${what} is missing: skipping what needs it (${how})`);
  return false;
}

/** Whether NATS listens at 127.0.0.1:4222. */
export async function hasNats(): Promise<boolean> {
  const isUp = await new Promise<boolean>((resolve) => {
    const socket = connect(4222, "127.0.0.1");
    const finish = (up: boolean) => (socket.destroy(), resolve(up));
    socket.once("connect", () => finish(true)).once("error", () => finish(false));
  });
  return isUp || missing("NATS at 127.0.0.1:4222", "start nats-server -js");
}

/** Whether promtool is there. */
export const hasPromtool = (): boolean =>
  spawnSync("promtool", ["--version"]).error === undefined ||
  missing("promtool", "install prometheus");

/** Whether this process may make process id namespaces, as containers have them. */
export const hasNamespaces = (): boolean =>
  spawnSync("unshare", ["--pid", "--fork", "--mount-proc", "--kill-child", "true"]).status === 0 ||
  missing("a process id namespace", "run as root, with unshare of util-linux");

/** Finds services and programs that some tests need. */
import { spawnSync } from "node:child_process";
import { connect } from "node:net";

/**
 * Reports a missing service: prints one line, so that the tests which need it are skipped.
 *
 * @param what the service
 * @param how how to get or start it
 * @returns false
 * @throws Error with `REQUIRE_SERVICES=1`
 */
export function missing(what: string, how: string): false {
  if (process.env["REQUIRE_SERVICES"] === "1") throw new Error(`${what} is required: ${how}`);
  console.warn(`${what} is missing: skipping what needs it (${how})`);
  return false;
}

/**
 * Whether a program runs and ends with 0; as {@link missing} where it does not.
 *
 * @param command the program and its arguments
 * @param how how to install it
 */
export function hasProgram(command: readonly [string, ...string[]], how: string): boolean {
  const [program, ...args] = command;
  return spawnSync(program, args).status === 0 || missing(program, how);
}

/** Reports that no PostgreSQL answers at `url`; as {@link missing}. */
export const missingPostgres = (url: string): false =>
  missing(
    `PostgreSQL at ${url}`,
    "start it with trust for local connections and a database `test`, or set SHIELD_TEST_DATABASE_URL",
  );

/** Whether promtool is installed; as {@link missing} where it is not. */
export const hasPromtool = (): boolean =>
  hasProgram(["promtool", "--version"], "Debian: apt-get install prometheus");

/**
 * Whether a server accepts connections on loopback; as {@link missing} where it does not.
 *
 * @param port its TCP port
 * @param what the service
 * @param how how to start it
 */
export async function hasServer(port: number, what: string, how: string): Promise<boolean> {
  const isUp = await new Promise<boolean>((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const finish = (up: boolean) => (socket.destroy(), resolve(up));
    socket.once("connect", () => finish(true)).once("error", () => finish(false));
  });
  return isUp || missing(`${what} at 127.0.0.1:${port}`, how);
}

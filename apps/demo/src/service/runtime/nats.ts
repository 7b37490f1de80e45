/** Connects to NATS, and makes streams that are missing. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect, credsAuthenticator, type NatsConnection } from "@nats-io/transport-node";
import type { ServiceConfig } from "../config/service-config.js";

type Address = Pick<NonNullable<ServiceConfig["nats"]>, "url" | "credentials_file">;

const RETRY_MS = 2_000;
/** How long one try to connect may take, in milliseconds. */
const TIMEOUT_MS = 5_000;

/**
 * Connects; a server that is not there is tried again until `stop`.
 *
 * @returns undefined where it was stopped before
 */
export async function connected(
  { url, credentials_file }: Address,
  stop: AbortSignal,
  log: (text: string) => void,
): Promise<NatsConnection | undefined> {
  const creds =
    credentials_file === null
      ? {}
      : { authenticator: credsAuthenticator(readFileSync(credentials_file)) };
  const options = { ...serverOf(url), ...creds, maxReconnectAttempts: -1, timeout: TIMEOUT_MS };
  const isStopped = (): boolean => stop.aborted;
  let isReported = false;
  while (!isStopped()) {
    try {
      const connection = await connect(options);
      if (!isStopped()) return connection;
      await connection.close();
    } catch (error) {
      if (!isReported) log(`NATS is not there: ${error instanceof Error ? error.message : ""}`);
      isReported = true;
      await sleep(RETRY_MS, undefined, { signal: stop }).catch(() => undefined);
    }
  }
  return undefined;
}

/** An address without its user and password, which are options: no error shows them then. */
function serverOf(url: string) {
  const { protocol, host, username, password } = new URL(url);
  return {
    servers: `${protocol}//${host}`,
    ...(username === "" ? {} : { user: decodeURIComponent(username) }),
    ...(password === "" ? {} : { pass: decodeURIComponent(password) }),
  };
}

/** A stream: its name and subjects, how long it keeps messages, in nanoseconds, and how many bytes. */
export type StreamSettings = Readonly<{
  name: string;
  subjects: string[];
  max_age: number;
  max_bytes: number;
}>;

/** Makes the stream where the account may and it is missing; else it has to be there. */
export async function ensureStream(
  connection: NatsConnection,
  stream: StreamSettings,
  log: (text: string) => void,
): Promise<void> {
  try {
    const manager = await jetstreamManager(connection);
    await manager.streams.info(stream.name).catch(() => manager.streams.add(stream));
  } catch (error) {
    log(`the stream ${stream.name} was not made: ${error instanceof Error ? error.message : ""}`);
  }
}

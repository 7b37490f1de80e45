/** Follows what nodes, Sentinel, the defense and the service say, and makes an event of each change. */
import { createChanges } from "../cli/watch-changes.js";
import type { Service, ServiceStatus } from "../service/service.js";
import type { TestnetEvents } from "./events.js";
import type { Network } from "./network.js";

/** What is known at the moment. */
export type Seen = Readonly<{
  state: ServiceStatus["state"] | null;
  lockdown: ServiceStatus["lockdown"] | null;
  /** Level of each finding by detector, the worst of each. */
  findings: ReadonlyMap<string, number>;
}>;

/** Follows until `close`. */
export type Observer = Readonly<{ seen(): Seen; close(): Promise<void> }>;

/** Time between two looks, in milliseconds. */
const LOOK_MS = 250;
/** Digits of a hash that are shown. */
const DIGITS = 8;

/** Begins to follow. */
export function startObserver(network: Network, service: Service, events: TestnetEvents): Observer {
  const changes = createChanges();
  const tips = new Map<string, string>();
  let seen: Seen = { state: null, lockdown: null, findings: new Map() };
  let isClosing = false;

  async function lookAtNodes(): Promise<void> {
    const now = await Promise.all(
      network.all.map(async ({ node_id, rpc }) => {
        const hash = await rpc<string>("getbestblockhash").catch(() => "no answer");
        return { node_id, hash, height: await rpc<number>("getblockcount").catch(() => 0) };
      }),
    );
    if (now.every(({ node_id, hash }) => tips.get(node_id) === hash)) return;
    for (const { node_id, hash } of now) tips.set(node_id, hash);
    const isOne = new Set(now.map(({ hash }) => hash)).size === 1;
    const text = isOne
      ? `all at ${now[0]?.height ?? 0} ${(now[0]?.hash ?? "").slice(-DIGITS)}`
      : now.map((one) => `${one.node_id} ${one.height} ${one.hash.slice(-DIGITS)}`).join(" | ");
    events.add("node", text, { tips: now.map((one) => ({ ...one })) });
  }

  async function lookAtFindings(): Promise<void> {
    const report = await service.chain();
    if (report === null) return;
    for (const { kind, text, is_over } of changes.take(report)) {
      if (kind === "tip") continue;
      const shown = is_over ? `over: ${text}` : text;
      events.add("sentinel", shown, { kind, is_over }, !is_over);
    }
    const findings = new Map<string, number>();
    const all = [...report.findings, ...report.reports.flatMap((one) => one.findings)];
    for (const { detector, severity } of all) {
      findings.set(detector, Math.max(severity, findings.get(detector) ?? 0));
    }
    seen = { ...seen, findings };
  }

  async function lookAtService(): Promise<void> {
    const { state, summary, lockdown } = await service.status();
    if (lockdown !== seen.lockdown) {
      events.add("adn", `lockdown ${lockdown}`, { lockdown }, lockdown !== "NONE");
    }
    if (state !== seen.state) events.add("service", summary, { state }, state !== "open");
    seen = { ...seen, state, lockdown };
  }

  async function follow(): Promise<void> {
    while (!isClosing) {
      for (const look of [lookAtNodes, lookAtFindings, lookAtService]) {
        await look().catch((error: unknown) => {
          if (!isClosing) events.add("testnet", `cannot look: ${String(error)}`, {}, true);
        });
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  const following = follow();
  return Object.freeze({
    seen: () => seen,
    async close() {
      isClosing = true;
      await following;
    },
  } satisfies Observer);
}

/** A governed service over a folder of its own, with keys in a file and clocks that a test moves. */
import { createHash, randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { digibyteRegtest } from "@dgb-shield/chain";
import type { ServiceConfig } from "../../src/service/config/service-config.js";
import { addKeys } from "../../src/service/keys/change-keys.js";
import type { ApiKey, Role } from "../../src/service/keys/key.js";
import { createService } from "../../src/service/runtime/index.js";
import type { Actor } from "../../src/service/keys/actor.js";
import type { Service } from "../../src/service/service.js";
import { deploy, type Deployment } from "./service.js";

const RECORDING = createRequire(import.meta.url).resolve(
  "@dgb-shield/sentinel/recordings/digibyte-core-8.22-regtest.jsonl",
);

/** A key as a caller presents it. */
export const actorOf = ({ id, name }: ApiKey): Actor => ({ operator: name, key_id: id });

/** A governed deployment. */
export type GovernedDeployment = Readonly<{
  deployment: Deployment;
  keys: Readonly<Record<string, ApiKey>>;
  /** Tokens of the keys, by holder. */
  tokens: Readonly<Record<string, string>>;
  /** Moves wall and monotonic clock. */
  pass(ms: number): void;
  /** Moves the wall clock alone. */
  step(ms: number): void;
  /** Starts a service; the last one must have ended. */
  start(fields?: Partial<ServiceConfig>): Promise<Service>;
  remove(): void;
}>;

/** Who has a key, by role; the name of an operator is a person. */
const HOLDERS: readonly (readonly [Role, string])[] = [
  ["operator", "ann"],
  ["operator", "bob"],
  ["operator", "cleo"],
  ["governor", "dora"],
  ["wallet", "backend"],
  ["approver", "ada"],
  ["reader", "auditor"],
];

/** Rules of most tests: two approvals, delays of an hour and of none. */
export const RULES = {
  ...{ approvals: 2, loosen_delay_seconds: 3_600, release_delay_seconds: 0 },
  proposal_valid_seconds: 86_400,
} as const;

/** Makes a deployment; governance is latched at its first start. */
export async function governedDeployment(
  fields: Partial<ServiceConfig> = {},
  holders = HOLDERS,
): Promise<GovernedDeployment> {
  const deployment = await deploy({
    ...{ chain: digibyteRegtest, recording: { file: RECORDING, speed: 1 } },
    ...{ unknown_network: "elevated", governance: RULES },
    ...fields,
  });
  const { config, logged } = deployment;
  const any = { wallets: null, reports_for: null, expires_at_ms: null };
  const added = await addKeys(
    { path: config.keys_file, nowMs: Date.now, random: randomBytes },
    [
      ...holders.map(([role, name]) => ({ role, name, ...any })),
      {
        ...{ role: "reporter" as const, name: "peer", ...any },
        reports_for: { operator: "peer", node_ids: ["peer-1"] },
      },
    ],
    { create: true },
  );
  const keys = Object.fromEntries(added.map(({ key }) => [key.name, key]));
  const tokens = Object.fromEntries(added.map(({ key, token }) => [key.name, token]));
  const moved = { wall: 0, steady: 0 };
  const clocks = {
    clock: () => Date.now() + moved.wall,
    monotonic: () => performance.now() + moved.steady,
  };
  return {
    ...{ deployment, keys, tokens },
    pass(ms) {
      moved.wall += ms;
      moved.steady += ms;
    },
    step: (ms) => void (moved.wall += ms),
    async start(more = {}) {
      const service = await createService(
        { ...config, ...more },
        { clocks, hold_ms: 1_000, log: (level, text) => void logged.push(`${level}: ${text}`) },
      );
      while ((await service.reports()).length === 0)
        await new Promise((resolve) => setTimeout(resolve, 5));
      return service;
    },
    remove: deployment.remove,
  };
}

/** A new key as a proposal adds it. */
export const newKey = (name: string, role: Role = "operator") => ({
  ...{ id: randomBytes(6).toString("hex"), role, name, wallets: null, reports_for: null },
  ...{ expires_at_ms: null, hash: createHash("sha256").update(randomBytes(32)).digest("hex") },
});

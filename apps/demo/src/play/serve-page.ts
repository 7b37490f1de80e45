/** Serves a played scenario: the service's HTTP interface, the dashboard, and the player's own routes, on loopback. */
import type { FastifyInstance } from "fastify";
import { Registry } from "prom-client";
import { z } from "zod";
import type { CommandIo } from "../cli/command-io.js";
import type { Scenario } from "../scenarios/scenario.js";
import { createHttpServer, createLog, dashboardFolder } from "../service/http/index.js";
import { makePlayedAuditKey } from "./audit.js";
import { createPlayedKeys, type PlayedTokens } from "./keys.js";
import { createPlayer, type Player } from "./player.js";

const HOST = "127.0.0.1";
/** Sets a generous rate: the page polls often, and no other client calls. */
const RATE = 1_000_000;

const orderSchema = z.strictObject({
  playing: z.boolean().optional(),
  speed: z.number().min(0.1).max(100_000).optional(),
  to_ms: z.int().min(0).optional(),
  scenario: z.string().max(64).optional(),
});

/** What is served, and how. */
export type PageOptions = Readonly<{
  scenarios: readonly [Scenario, ...Scenario[]];
  folder: string;
  port: number;
  speed: number;
}>;

/** A page that is served. */
export type PlayedPage = Readonly<{
  /** Address of the page, with the operator's key in its fragment, which a browser sends nowhere. */
  url: string;
  /** Public half of the key that signs checkpoints. */
  audit_key_file: string;
  tokens: PlayedTokens;
  player: Player;
  close(): Promise<void>;
}>;

/** Serves; takes a free port where `port` is taken. */
export async function servePlayed(
  { scenarios, folder, port, speed }: PageOptions,
  { stderr }: Pick<CommandIo, "stderr">,
): Promise<PlayedPage> {
  const auditKey = makePlayedAuditKey(folder);
  const player = await createPlayer(scenarios, folder, speed, auditKey.signer);
  const { keyring, tokens } = createPlayedKeys();
  const app = await createHttpServer({
    ...{ service: player.service, keyring, registry: new Registry(), dashboard: dashboardFolder() },
    settings: {
      ...{ host: HOST, tls: null, behind_proxy: false, trusted_proxies: [], allowed_hosts: [] },
      allowed_origins: [],
      rate_limit: { per_key_per_minute: RATE, per_address_per_minute: RATE },
    },
    log: createLog({ level: "warn", format: "pretty" }, stderr),
    clock: Date.now,
    monotonic: () => performance.now(),
    extend: (server) => addPlayerRoutes(server, player, tokens),
  });
  const address = await app.listen({ host: HOST, port }).catch((error: unknown) => {
    if (!isPortTaken(error)) throw error;
    return app.listen({ host: HOST, port: 0 });
  });
  return {
    url: `${address}/dashboard/#key=${tokens.operator}`,
    audit_key_file: auditKey.public_file,
    ...{ tokens, player },
    async close() {
      await app.close();
      await player.close();
    },
  };
}

/** Adds the routes of the player; each wants one of its keys. */
function addPlayerRoutes(app: FastifyInstance, player: Player, tokens: PlayedTokens): void {
  const schema = { hide: true };
  app.get("/demo/player", { schema }, (request, reply) =>
    request.apiKey === undefined ? reply.code(401).send({}) : reply.send(player.state()),
  );
  app.get("/demo/keys", { schema }, (request, reply) =>
    request.apiKey === undefined ? reply.code(401).send({}) : reply.send(tokens),
  );
  app.post("/demo/player", { schema }, async (request, reply) => {
    if (request.apiKey === undefined) return reply.code(401).send({});
    const order = orderSchema.safeParse(request.body);
    if (!order.success) return reply.code(400).send({});
    return reply.send(await player.order(order.data));
  });
}

const isPortTaken = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "EADDRINUSE";

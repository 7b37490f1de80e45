/** What was played, readable over HTTP on loopback until the process is stopped. */
import Fastify from "fastify";
import type { Surroundings } from "../cli/command-io.js";
import type { Entry } from "./entries.js";
import { createRenderer } from "./render.js";

const HOST = "127.0.0.1";

/** Serves the timelines until `stop`; takes a free port where `port` is taken. */
export async function serveTimelines(
  told: ReadonlyMap<string, readonly Entry[]>,
  port: number,
  { stderr, stop }: Surroundings,
): Promise<void> {
  const service = timelineService(told);
  const address = await service.listen({ host: HOST, port }).catch((error: unknown) => {
    if (!isPortTaken(error)) throw error;
    return service.listen({ host: HOST, port: 0 });
  });
  stderr.write(`Read it again at ${address} (Ctrl-C ends; with --once it ends by itself).\n`);
  await new Promise<void>((resolve) => {
    if (stop.aborted) resolve();
    stop.addEventListener("abort", () => resolve(), { once: true });
  });
  await service.close();
}

/** The read-only service over some timelines. */
function timelineService(told: ReadonlyMap<string, readonly Entry[]>) {
  const service = Fastify({ logger: false });
  service.get("/healthz", () => ({ status: "ok" }));
  service.get("/v1/timelines", () => ({ scenarios: [...told.keys()] }));
  service.get<{ Params: { name: string } }>("/v1/timelines/:name", (request, reply) => {
    const entries = told.get(request.params.name);
    if (entries !== undefined) return entries;
    return reply.code(404).send({ error: "unknown_scenario", known: [...told.keys()] });
  });
  service.get("/", (_, reply) => {
    const renderer = createRenderer((_style, text) => text);
    const lines = [...told.values()].flat().flatMap((entry) => renderer.lines(entry));
    return reply.type("text/plain; charset=utf-8").send(`${lines.join("\n")}\n`);
  });
  return service;
}

const isPortTaken = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "EADDRINUSE";

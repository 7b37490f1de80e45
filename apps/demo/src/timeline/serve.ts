/** Serves the played timelines over HTTP on loopback until the process is stopped. */
import Fastify from "fastify";
import type { CommandIo } from "../cli/command-io.js";
import type { Entry } from "./entries.js";
import { createRenderer } from "./render.js";

const HOST = "127.0.0.1";

/** Serves the timelines until `stop`; takes a free port where `port` is taken. */
export async function serveTimelines(
  timelines: ReadonlyMap<string, readonly Entry[]>,
  port: number,
  { stderr, stop }: CommandIo,
): Promise<void> {
  const service = timelineService(timelines);
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

/** Creates the read-only service over some timelines. */
function timelineService(timelines: ReadonlyMap<string, readonly Entry[]>) {
  const service = Fastify({ logger: false });
  service.get("/healthz", () => ({ status: "ok" }));
  service.get("/v1/timelines", () => ({ scenarios: [...timelines.keys()] }));
  service.get<{ Params: { name: string } }>("/v1/timelines/:name", (request, reply) => {
    const entries = timelines.get(request.params.name);
    if (entries !== undefined) return entries;
    return reply.code(404).send({ error: "unknown_scenario", known: [...timelines.keys()] });
  });
  service.get("/", (_, reply) => {
    const renderer = createRenderer((_style, text) => text);
    const lines = [...timelines.values()].flat().flatMap((entry) => renderer.lines(entry));
    return reply.type("text/plain; charset=utf-8").send(`${lines.join("\n")}\n`);
  });
  return service;
}

const isPortTaken = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "EADDRINUSE";

/** Serves the dashboard: static files of the package `@dgb-shield/dashboard`, under `/dashboard/`. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";
import { DASHBOARD_POLICY } from "./headers.js";

const PREFIX = "/dashboard/";
/** Names of the build's files carry a hash of what is in them. */
const FOREVER = "public, max-age=31536000, immutable";

/** Finds the folder of the built dashboard; null where it is not installed, or not built. */
export function dashboardFolder(): string | null {
  try {
    const page = createRequire(import.meta.url).resolve("@dgb-shield/dashboard/index.html");
    return existsSync(page) ? dirname(page) : null;
  } catch {
    return null;
  }
}

/**
 * Adds the page, and at `/` the way to it.
 *
 * @param folder of the built files; null: no page is served
 */
export async function addDashboard(app: FastifyInstance, folder: string | null): Promise<void> {
  if (folder === null) return;
  await app.register(fastifyStatic, {
    root: folder,
    prefix: PREFIX,
    // One route a file: nothing but what the build has made is ever looked for.
    wildcard: false,
    preCompressed: true,
    decorateReply: false,
    cacheControl: false,
    setHeaders: (reply, path) => {
      void reply.header("content-security-policy", DASHBOARD_POLICY);
      void reply.header("cache-control", path.includes("/assets/") ? FOREVER : "no-cache");
    },
  });
  for (const url of ["/", "/dashboard"]) {
    // Relative, so that it holds behind a proxy that serves the site under a path.
    const target = url === "/" ? "dashboard/" : "./dashboard/";
    app.get(url, { schema: { hide: true } }, (_, reply) => reply.redirect(target, 302));
  }
}

/** States how long a connection may take over its headers, its request and its silence (design section 4.2). */

/**
 * Options for `Fastify(…)`: without them Fastify waits for a request's end for ever, and Node checks
 * its times every 30 seconds. Headers must have come after 10 seconds and a request after 30, checked
 * every second; one connection carries at most 1,000 requests. They apply to the whole server, which is yours, so
 * the plugin does not set them.
 *
 * @example const app = Fastify(HTTP_SERVER_OPTIONS);
 */
export const HTTP_SERVER_OPTIONS = Object.freeze({
  requestTimeout: 30_000,
  maxRequestsPerSocket: 1_000,
  http: Object.freeze({ headersTimeout: 10_000, connectionsCheckingInterval: 1_000 }),
});

/** Headers of every answer. */

/** What answers let a browser do: nothing. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
});

/** What the pages of the documentation may do: show the service's own files, and call it. */
export const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** What the dashboard may do: show the service's own files, and call it. There are no exceptions. */
export const DASHBOARD_POLICY =
  "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'";

/** Sent where answers come over TLS: a year. */
export const STRICT_TRANSPORT = "max-age=31536000";

/** Headers of an answer to an allowed foreign page. */
export const crossOriginHeaders = (origin: string): Readonly<Record<string, string>> => ({
  "access-control-allow-origin": origin,
  "access-control-expose-headers": "retry-after, traceparent, x-request-id",
  "cross-origin-resource-policy": "cross-origin",
  vary: "origin",
});

/** Headers of an answer to a preflight request of an allowed foreign page. */
export const PREFLIGHT_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  "access-control-allow-methods": "GET, PUT, POST",
  "access-control-allow-headers": "authorization, content-type, last-event-id, traceparent",
  "access-control-max-age": "600",
});

/** The HTTP face of the service. */
export { createLog } from "./request-log.js";
export { createHttpServer, type HttpSettings } from "./server.js";

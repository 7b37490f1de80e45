/** The HTTP face of the service. */
export { dashboardFolder } from "./dashboard.js";
export { createLog } from "./request-log.js";
export { createHttpServer, type HttpSettings } from "./server.js";

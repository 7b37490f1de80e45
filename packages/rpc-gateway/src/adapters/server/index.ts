/** The gateway as a server in front of a node. */
export { createGateway, type Gateway } from "./gateway.js";
export { hashPassword } from "./guard.js";
export { placeFaults, type PlaceFault } from "./own-places.js";
export type { GatewayLogEntry, GatewayPorts } from "./ports.js";

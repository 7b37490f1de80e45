/** All routes of JSON. */
import type { Service } from "../../service.js";
import type { Route } from "../route.js";
import { decisionRoutes } from "./decisions.js";
import { destinationRoutes } from "./destinations.js";
import { evidenceRoutes, incidentRoutes } from "./evidence.js";
import { paymentRoutes } from "./payments.js";
import { proposalRoutes } from "./proposals.js";
import { scopeRoutes } from "./scopes.js";
import { simulateRoutes } from "./simulate.js";
import { statusRoutes } from "./status.js";

/** Every route over a service that takes and answers JSON with a key. */
export const jsonRoutes = (service: Service): Route[] => [
  ...statusRoutes(service),
  ...paymentRoutes(service),
  ...decisionRoutes(service),
  ...simulateRoutes(service),
  ...destinationRoutes(service),
  ...evidenceRoutes(service),
  ...scopeRoutes(service),
  ...incidentRoutes(service),
  ...proposalRoutes(service),
];

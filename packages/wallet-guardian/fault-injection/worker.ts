/** One client process of the matrix: sends requests, and syncs their answers to disk. */
import { beClient } from "./clients/client.js";
import type { Plan, TracedPlan } from "./clients/plan.js";
import { beTraced } from "./power/traced.js";

const plan = JSON.parse(process.argv[2] ?? "") as Plan | TracedPlan;
await (plan.kind === "traced" ? beTraced(plan) : beClient(plan));

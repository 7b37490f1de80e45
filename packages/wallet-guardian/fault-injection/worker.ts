/** One client process of the matrix: asks, and writes down what it was answered, synced to disk. */
import { beClient } from "./clients/client.js";
import type { Plan, TracedPlan } from "./clients/plan.js";
import { beTraced } from "./power/traced.js";

const plan = JSON.parse(process.argv[2] ?? "") as Plan | TracedPlan;
await (plan.kind === "traced" ? beTraced(plan) : beClient(plan));

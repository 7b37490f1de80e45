import { packageBuild } from "@dgb-shield/tsup-config";

export default packageBuild({
  index: "src/index.ts",
  http: "src/adapters/http.ts",
  jsonl: "src/adapters/jsonl.ts",
  nats: "src/adapters/nats.ts",
  node: "src/adapters/node.ts",
  outbox: "src/adapters/outbox/outbox.ts",
  prometheus: "src/adapters/prometheus.ts",
  resilient: "src/adapters/resilient.ts",
  worker: "src/adapters/worker/worker.ts",
});

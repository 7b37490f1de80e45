import { packageBuild } from "@dgb-shield/tsup-config";

export default packageBuild({
  index: "src/index.ts",
  http: "src/adapters/http/index.ts",
  jsonl: "src/adapters/jsonl/index.ts",
  nats: "src/adapters/nats/index.ts",
  node: "src/adapters/node/index.ts",
  outbox: "src/adapters/outbox/index.ts",
  prometheus: "src/adapters/prometheus/index.ts",
  resilient: "src/adapters/resilient/index.ts",
  worker: "src/adapters/worker/index.ts",
});

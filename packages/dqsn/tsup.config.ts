import { packageBuild } from "@dgb-shield/tsup-config";

export default packageBuild({
  index: "src/index.ts",
  http: "src/adapters/http/index.ts",
  log: "src/adapters/log/index.ts",
  nats: "src/adapters/nats/index.ts",
  prometheus: "src/adapters/prometheus/index.ts",
  sse: "src/adapters/sse/index.ts",
  watch: "src/adapters/watch/index.ts",
});

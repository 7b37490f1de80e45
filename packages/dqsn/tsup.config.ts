import { packageBuild } from "@dgb-shield/tsup-config";

export default packageBuild({
  index: "src/index.ts",
  http: "src/adapters/http.ts",
  log: "src/adapters/log.ts",
  nats: "src/adapters/nats.ts",
  prometheus: "src/adapters/prometheus.ts",
  sse: "src/adapters/sse.ts",
  watch: "src/adapters/watch.ts",
});

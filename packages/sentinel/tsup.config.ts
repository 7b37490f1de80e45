import { packageBuild } from "@dgb-shield/tsup-config";

export default packageBuild({
  index: "src/index.ts",
  rpc: "src/adapters/rpc/index.ts",
  "tip-statement": "src/adapters/tip-statement/index.ts",
});

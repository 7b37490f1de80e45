import { packageBuild } from "@dgb-shield/tsup-config";

export default packageBuild({
  index: "src/index.ts",
  jsonl: "src/adapters/jsonl.ts",
  node: "src/adapters/node.ts",
});

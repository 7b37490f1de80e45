import { packageBuild } from "@dgb-shield/tsup-config";

export default packageBuild({
  index: "src/index.ts",
  decode: "src/adapters/decode/index.ts",
  descriptors: "src/adapters/descriptors/index.ts",
  rpc: "src/adapters/rpc/index.ts",
});

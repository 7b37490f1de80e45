import { packageBuild } from "@dgb-shield/tsup-config";

export default packageBuild({
  index: "src/index.ts",
  approve: "src/adapters/approve/index.ts",
  http: "src/adapters/http/index.ts",
  statement: "src/adapters/statement/index.ts",
  verify: "src/adapters/verify/index.ts",
});

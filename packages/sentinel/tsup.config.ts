import { packageBuild } from "@dgb-shield/tsup-config";

export default packageBuild({
  index: "src/index.ts",
  simulation: "src/simulation/index.ts",
  cli: "src/adapters/cli/cli.ts",
});

import { packageBuild } from "@dgb-shield/tsup-config";

export default packageBuild({
  index: "src/index.ts",
  sqlite: "src/adapters/sqlite.ts",
  postgres: "src/adapters/postgres.ts",
  vectors: "src/adapters/vectors.ts",
  cli: "src/adapters/command/cli.ts",
});

import { packageBuild } from "@dgb-shield/tsup-config";

export default packageBuild({
  index: "src/index.ts",
  audit: "src/adapters/audit/index.ts",
  sqlite: "src/adapters/sqlite/index.ts",
  postgres: "src/adapters/postgres/index.ts",
  "export-file": "src/adapters/export-file/index.ts",
  vectors: "src/adapters/vectors/index.ts",
  cli: "src/adapters/command/cli.ts",
});

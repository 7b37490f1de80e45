import { packageBuild } from "@dgb-shield/tsup-config";

export default packageBuild({
  index: "src/index.ts",
  schemas: "src/schemas/index.ts",
  ed25519: "src/adapters/ed25519/index.ts",
  signing: "src/adapters/signing/index.ts",
  "sequence-sqlite": "src/adapters/sequence-sqlite/index.ts",
  "sequence-postgres": "src/adapters/sequence-postgres/index.ts",
  vectors: "src/adapters/vectors/index.ts",
  cli: "src/adapters/vectors/cli.ts",
});

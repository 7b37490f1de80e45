/**
 * The dependency rule: layers reach `contract`, Sentinel, the gateway and the client `chain`, but never each other; cores reach no
 * I/O; nothing reaches an app, and nothing that ships reaches `tooling`. `pnpm check:deps` fails when a source
 * file breaks it.
 */
const LAYER = "^packages/(?!contract/)([^/]+)/";
const CORE = "^packages/[^/]+/src/(?!adapters/)";

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "layers-reach-contract-only",
      comment: "A layer may import @dgb-shield/contract; layers are composed by the app.",
      severity: "error",
      from: { path: LAYER, pathNot: "^packages/(sentinel|rpc-gateway|client)/" },
      to: { path: "^(packages/(?!contract/|$1/)|apps/)" },
    },
    {
      name: "users-of-chain-reach-contract-and-chain-only",
      comment: "Chain parameters are data of their own package.",
      severity: "error",
      from: { path: "^packages/(sentinel|rpc-gateway|client)/" },
      to: { path: "^(packages/(?!contract/|chain/|$1/)|apps/)" },
    },
    {
      name: "contract-reaches-no-layer",
      severity: "error",
      from: { path: "^packages/contract/" },
      to: { path: "^(packages/(?!contract/)|apps/)" },
    },
    {
      name: "core-reaches-no-builtin",
      comment: "One exception: contract's SHA-256 is node:crypto.",
      severity: "error",
      from: { path: CORE, pathNot: "^packages/contract/src/json/hash\\.ts$" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "core-reaches-no-adapter",
      comment: "Exceptions: payments and PSBTs are read by chain's `./decode`, which has no I/O.",
      severity: "error",
      from: { path: CORE, pathNot: "^packages/rpc-gateway/src/(spend/|call/psbt-arguments)" },
      to: { path: "^packages/[^/]+/src/adapters/" },
    },
    {
      name: "core-reaches-only-zod",
      comment: "A team that takes only the core installs zod and nothing else.",
      severity: "error",
      from: { path: CORE },
      to: { path: "node_modules/", pathNot: "node_modules/zod/" },
    },
    {
      name: "internal-stays-internal",
      severity: "error",
      from: { path: "^(?:packages|apps)/([^/]+)/" },
      to: { path: "^packages/(?!$1/)[^/]+/src/internal/" },
    },
    {
      name: "sources-reach-no-tooling",
      comment: "What ships depends on nothing that is private.",
      severity: "error",
      from: { path: "^(?:packages|apps)/[^/]+/src/" },
      to: { path: "^tooling/" },
    },
    {
      name: "testkit-reaches-no-package",
      comment: "Tests of every package use it, those of contract among them.",
      severity: "error",
      from: { path: "^tooling/testkit/src/" },
      to: { path: "^(?:packages|apps)/" },
    },
    {
      name: "pipeline-reaches-no-command",
      comment: "Embedders import ./pipeline: it contains no HTTP, command line or scenario.",
      severity: "error",
      from: { path: "^apps/demo/src/pipeline/" },
      to: { path: "^apps/demo/src/(?!pipeline/)|node_modules/(?:fastify|commander)/" },
    },
    { name: "no-circles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "every-import-resolves",
      severity: "error",
      from: { path: "/src/" },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(dist|coverage|test|bench|examples)/|\\.config\\.(ts|js)$" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: `${__dirname}/tsconfig.base.json` },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["@dgb-shield/source", "import", "types", "node", "default"],
    },
  },
};

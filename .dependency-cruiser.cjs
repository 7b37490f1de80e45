/**
 * The dependency rule: layers reach `contract` and never each other, cores reach no I/O, nothing
 * reaches an app. `pnpm check:deps` fails when a source file breaks it.
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
      from: { path: LAYER },
      to: { path: "^(packages/(?!contract/|$1/)|apps/)" },
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
      from: { path: CORE, pathNot: "^packages/contract/src/internal/sha256\\.ts$" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "core-reaches-no-adapter",
      severity: "error",
      from: { path: CORE },
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

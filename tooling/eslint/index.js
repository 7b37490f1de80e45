/**
 * Lint rules of every package. A layer's core is pure: no clock, no randomness, no I/O, no
 * environment. `src/adapters/` and `bench/` and `test/` are the edges, where these are at home.
 */
import tseslint from "typescript-eslint";

const PURE_CORE =
  "is not allowed in a pure core: take it as an argument, or move to src/adapters/.";

const BANNED_GLOBALS = [
  "Date",
  "performance",
  "process",
  "fetch",
  "console",
  "crypto",
  "Buffer",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "require",
  "globalThis",
];

const FOR_IN = {
  selector: "ForInStatement",
  message:
    "for … in goes through inherited members: use Object.keys, whose keys are the object's own.",
};
const IN = {
  selector: "BinaryExpression[operator='in']:not([left.type='PrivateIdentifier'])",
  message: "`in` finds inherited members: use Object.hasOwn, or a tag whose values are compared.",
};

const strict = tseslint.config(
  {
    ignores: ["**/dist/**", "coverage/**", ".turbo/**", ".readme-test/**", ".bench/**", ".fuzz/**"],
  },
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/consistent-type-definitions": "off",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/no-confusing-void-expression": "off",
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: true },
      ],
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      eqeqeq: "error",
      "no-restricted-syntax": ["error", FOR_IN],
      "no-control-regex": "off",
    },
  },
  {
    files: ["test/**", "bench/**", "fuzz/**", "examples/**"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/require-await": "off",
    },
  },
  { files: ["**/*.js", "**/*.mjs"], extends: [tseslint.configs.disableTypeChecked] },
);

/** A layer or `contract`: strict rules everywhere, purity in `src/` outside the adapters. */
export const layer = tseslint.config(...strict, {
  files: ["src/**/*.ts"],
  ignores: ["src/adapters/**", "src/json/hash.ts"],
  rules: {
    "no-restricted-globals": [
      "error",
      ...BANNED_GLOBALS.map((name) => ({ name, message: `${name} ${PURE_CORE}` })),
    ],
    "no-restricted-imports": [
      "error",
      {
        patterns: [
          {
            group: ["node:*", "fs", "path", "os", "crypto", "http", "https", "net"],
            message: `A Node builtin ${PURE_CORE}`,
          },
        ],
      },
    ],
    "no-restricted-properties": [
      "error",
      { object: "Math", property: "random", message: `Math.random ${PURE_CORE}` },
    ],
  },
});

/** For a package that reads what comes from outside by own members alone: no `in` either. */
export const ownMembers = [
  { files: ["src/**/*.ts"], rules: { "no-restricted-syntax": ["error", FOR_IN, IN] } },
];

/** An application: the strict rules; I/O is its job. */
export const app = strict;

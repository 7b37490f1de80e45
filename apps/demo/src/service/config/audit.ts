/** The section `audit`: which key signs checkpoints, how often, and where they go. */
import { z } from "zod";
import { idField, pathSchema, variableSchema, whole, word } from "./fields.js";
import { isTarget } from "./webhooks.js";

/** Exports at most. */
const MAX_EXPORTS = 8;
const MAX_ARGUMENTS = 64;

const exportField = z.strictObject({
  name: idField.describe("name of the export; how far it has come is kept under it"),
  kind: word(["file", "command", "http"]).describe(
    "append to a file, start a program, or post to an address",
  ),
  path: pathSchema
    .optional()
    .describe("file: where lines are appended, best on storage that this host cannot change"),
  command: z
    .array(z.string("give an argument").max(4_096))
    .min(1, "give a program")
    .max(MAX_ARGUMENTS)
    .optional()
    .describe("command: program and arguments; it gets the line on its standard input"),
  url: z
    .string("give an address")
    .refine(isTarget, {
      error: "give an https:// address, or http:// on this machine, without user and password",
    })
    .optional()
    .describe("http: address that lines are posted to"),
  token_env: variableSchema.optional().describe("http: variable that holds a bearer token"),
  timeout_seconds: whole(1, 600).default(30).describe("time for one checkpoint, seconds"),
});

/** The section. */
export const auditField = z.strictObject({
  key_file: pathSchema.describe("secret key that signs checkpoints, of shield audit keygen"),
  every_records: whole(1, 1_000_000)
    .default(10_000)
    .describe("a checkpoint is signed when so many records are new"),
  every_seconds: whole(1, 86_400)
    .default(600)
    .describe("or when there is a new one, and so much time has passed; seconds"),
  export: z
    .array(exportField)
    .max(MAX_EXPORTS, `give at most ${MAX_EXPORTS} exports`)
    .default([])
    .describe("where each checkpoint goes besides data_dir, so that it outlives this host"),
});

/** One export, complete. */
export type AuditExport = Readonly<{ name: string; timeout_ms: number }> &
  (
    | Readonly<{ kind: "file"; path: string }>
    | Readonly<{ kind: "command"; command: readonly string[] }>
    | Readonly<{ kind: "http"; url: string; token: string | null }>
  );

/** The section, complete. */
export type AuditConfig = Readonly<{
  key_file: string;
  every_records: number;
  every_seconds: number;
  export: readonly AuditExport[];
}>;

type Reads = Readonly<{
  paths: (at: readonly PropertyKey[], path: string) => string;
  secret: (at: readonly PropertyKey[], variable: string) => string;
}>;

/** Completes the section; null where there is none. */
export function auditOf(
  audit: z.output<typeof auditField> | undefined,
  { paths, secret }: Reads,
): AuditConfig | null {
  if (audit === undefined) return null;
  const { every_records, every_seconds } = audit;
  return {
    ...{ key_file: paths(["audit", "key_file"], audit.key_file), every_records, every_seconds },
    export: audit.export.map((one, at): AuditExport => {
      const shared = { name: one.name, timeout_ms: one.timeout_seconds * 1_000 };
      const place = ["audit", "export", at];
      switch (one.kind) {
        case "file":
          return { ...shared, kind: "file", path: paths([...place, "path"], one.path ?? "") };
        case "command":
          return { ...shared, kind: "command", command: one.command ?? [] };
        default: {
          const { url = "", token_env } = one;
          const token = token_env === undefined ? null : secret([...place, "token_env"], token_env);
          return { ...shared, kind: "http", url, token };
        }
      }
    }),
  };
}

/** The section `tip_statement`: the key that signs which tip the site follows. */
import { z } from "zod";
import { pathSchema } from "./fields.js";

/** The section. */
export const tipStatementField = z.strictObject({
  key_file: pathSchema.describe(
    "secret key that signs, of shield tip keygen with this site's operator",
  ),
});

/** The section, complete. */
export type TipStatementConfig = Readonly<{ key_file: string }>;

/** Completes the section; null where there is none. */
export const tipStatementOf = (
  given: z.output<typeof tipStatementField> | undefined,
  paths: (at: readonly PropertyKey[], path: string) => string,
): TipStatementConfig | null =>
  given === undefined ? null : { key_file: paths(["tip_statement", "key_file"], given.key_file) };

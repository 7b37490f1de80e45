/** Building blocks of the wire's schemas, and the names of those that the document shares. */
import { idSchema, isAmount, LIMITS, PATTERNS } from "@dgb-shield/contract";
import { z } from "zod";

/** Gives a schema the name by which the OpenAPI document lists it. */
export const named = <S extends z.ZodType>(id: string, schema: S): S => schema.meta({ id });

/** An id: 1 to 128 code points. */
export const id = () =>
  idSchema.describe(
    "1 to 128 characters, no control characters, no white space at either end; case counts",
  );

/** An amount as text: a number of JavaScript would lose its last places. */
export const amount = () =>
  z
    .string('give the amount as text, such as "12.5"')
    .max(32)
    .regex(
      /^(0|[1-9]\d{0,11})(\.\d{1,8})?$/,
      'give coins as text with at most 8 places, such as "12.5"',
    )
    .refine(isAmount, "give at most 92233720368.54775807 coins")
    .describe("coins as text, with at most 8 decimal places");

/** Milliseconds since 1970-01-01T00:00:00Z. */
export const timeMs = () => z.int().min(0).describe("milliseconds since 1970-01-01T00:00:00Z");

/** A transaction's id, or a hash. */
export const hash256 = () =>
  z.string().regex(PATTERNS.hash256, "give 64 lower-case hexadecimal digits");

/** Why an operator gives an order; it is recorded. */
export const reason = () =>
  z
    .string()
    .max(512)
    .refine((text) => /^(?!\s)[^\p{Cc}]{1,256}(?<!\s)$/u.test(text) && text.isWellFormed(), {
      error: "give 1 to 256 characters on one line",
    })
    .describe("why, for the record: 1 to 256 characters on one line, nothing secret or personal");

/** The path's id. */
export const idParams = z.strictObject({ id: id() });

/** Largest page of a listing. */
const MAX_PAGE = 1_000;
const DEFAULT_PAGE = 100;

/** A whole number in a query, as the text that it comes as. */
export const wholeText = (least: number, most: number, fallback: number) =>
  z
    .custom<string>(
      (value) =>
        typeof value === "string" &&
        /^(0|[1-9]\d{0,15})$/.test(value) &&
        Number(value) >= least &&
        Number(value) <= most,
      `give a whole number from ${least} to ${most}`,
    )
    .meta({ type: "integer", minimum: least, maximum: most, default: fallback })
    .optional();

/** Reads what `wholeText` has accepted. */
export const wholeOf = (text: string | undefined, fallback: number): number =>
  text === undefined ? fallback : Number(text);

/** A page of a listing. */
export const pageQuery = {
  after: z
    .string()
    .max(512)
    .refine((text) => text.isWellFormed())
    .optional()
    .describe("`next` of the page before"),
  limit: wholeText(1, MAX_PAGE, DEFAULT_PAGE).describe("entries at most"),
};

/** Reads a page's query. */
export const pageOf = (query: { after?: string | undefined; limit?: string | undefined }) => ({
  ...(query.after === undefined ? {} : { after: query.after }),
  limit: wholeOf(query.limit, DEFAULT_PAGE),
});

/** Signals of one request at most. */
export const MAX_SIGNALS = LIMITS.maxSignals;

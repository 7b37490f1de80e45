/** Checks what a request brings against its schemas, and names every offending field. */
import { boundedPointer, pointer } from "@dgb-shield/contract";
import type { z } from "zod";
import { type FieldError, HttpProblem } from "./problems.js";

/** Where a value stands in a request. */
export type Place = FieldError["in"];

/** Fields that a problem names at most. */
const MAX_ERRORS = 20;
/** Characters of a detail at most: it names what was expected, never the value. */
const MAX_DETAIL = 200;

/**
 * Parses a value by a schema.
 *
 * @throws HttpProblem `unknown_field` where a field too many is all that is wrong, else `malformed_request`
 */
export function parsed<S extends z.ZodType>(schema: S, value: unknown, place: Place): z.output<S> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const issues = flat(read.error.issues);
  const isUnknown = issues.every(({ code }) => code === "unrecognized_keys");
  const errors = issues.flatMap((issue) => errorsOf(issue, place)).slice(0, MAX_ERRORS);
  throw new HttpProblem(isUnknown ? "unknown_field" : "malformed_request", { errors });
}

type Issue = z.core.$ZodIssue;

/** Replaces an issue of alternatives by those of the one that fits best: with the fewest unknown fields. */
function flat(issues: readonly Issue[], base: readonly PropertyKey[] = []): Issue[] {
  return issues.flatMap((issue) => {
    const path = [...base, ...issue.path];
    if (issue.code !== "invalid_union" || issue.errors.length === 0) return [{ ...issue, path }];
    const [best = []] = issue.errors.toSorted((a, b) => unknownIn(a) - unknownIn(b));
    return flat(best, path);
  });
}

const unknownIn = (issues: readonly Issue[]): number =>
  issues.reduce(
    (count, issue) => count + (issue.code === "unrecognized_keys" ? issue.keys.length : 0),
    0,
  );

function errorsOf(issue: Issue, place: Place): FieldError[] {
  const at = (path: readonly PropertyKey[], detail: string): FieldError => ({
    in: place,
    pointer: boundedPointer(pointer(path)),
    detail: detail.slice(0, MAX_DETAIL),
  });
  if (issue.code !== "unrecognized_keys") return [at(issue.path, issue.message)];
  return issue.keys.map((key) => at([...issue.path, key], "no such field: remove it"));
}

/** How many approvers a payment needs, by its amount and the class of its destinations. */
import { parseAmount } from "@dgb-shield/contract";
import { z } from "zod";
import { exactAmountSchema, leavingOf, type PaymentTerms } from "./payment-terms.js";

/** Class of a destination that no class lists. */
export const EXTERNAL = "external";

const MAX_CLASSES = 16;
const MAX_STEPS = 16;
const MAX_CLASS_SCRIPTS = 10_000;

/** Steps of one class: from which amount on so many approvers are needed. */
const stepsSchema = z
  .array(z.strictObject({ from: exactAmountSchema, approvers: z.int().min(1).max(64) }))
  .min(1)
  .max(MAX_STEPS)
  .refine((steps) => steps[0]?.from === "0", 'begin with from: "0"')
  .refine(
    (steps) =>
      steps.every(({ from, approvers }, at) => {
        const before = steps[at - 1];
        return (
          before === undefined ||
          (parseAmount(from) > parseAmount(before.from) && approvers >= before.approvers)
        );
      }),
    "list steps in order, and never fewer approvers for more",
  );

/** Thresholds of a site. */
export const thresholdsSchema = z
  .strictObject({
    /** Scripts of each class of destinations, such as the site's own cold wallets. */
    classes: z
      .record(
        z.string().regex(/^[a-z][a-z0-9_]{0,31}$/),
        z.array(z.string().regex(/^(?:[0-9a-f]{2}){1,42}$/)).max(MAX_CLASS_SCRIPTS),
      )
      .default({}),
    /** Steps of each class, `external` among them. */
    approvers: z.record(z.string(), stepsSchema),
  })
  .superRefine(({ classes, approvers }, context) => {
    const names = [...Object.keys(classes), EXTERNAL];
    const fault = (path: string[], message: string) =>
      context.addIssue({ code: "custom", path, message });
    if (names.length > MAX_CLASSES + 1) fault(["classes"], "too many classes");
    if (Object.hasOwn(classes, EXTERNAL))
      fault(["classes"], "external has no list: it is the rest");
    for (const name of names) {
      if (!Object.hasOwn(approvers, name)) fault(["approvers"], `no steps of ${name}`);
    }
    for (const name of Object.keys(approvers)) {
      if (!names.includes(name)) fault(["approvers", name], "no such class");
    }
    const scripts = Object.values(classes).flat();
    if (new Set(scripts).size < scripts.length) fault(["classes"], "a script is in two classes");
  });

/** Thresholds of a site. */
export type Thresholds = Readonly<z.infer<typeof thresholdsSchema>>;

/**
 * Computes how many distinct approvers a payment needs: the largest number that any of its destinations' classes asks for
 * at what the whole payment moves, fee included.
 *
 * @returns 1 to 64; Infinity where a class has no steps
 * @example approversNeeded({ classes: {}, approvers: { external: [{ from: "0", approvers: 1 }] } }, terms) // 1
 */
export function approversNeeded(
  { classes, approvers }: Thresholds,
  terms: Pick<PaymentTerms, "payouts" | "max_fee">,
): number {
  const amount = leavingOf(terms);
  const classOf = classifier(classes);
  const names = new Set(terms.payouts.map(({ script }) => classOf(script)));
  return Math.max(
    ...[...names].map((name) => {
      const steps = Object.hasOwn(approvers, name) ? (approvers[name] ?? []) : [];
      const reached = steps.filter(({ from }) => parseAmount(from) <= amount);
      return reached.length === 0
        ? Infinity
        : Math.max(...reached.map(({ approvers: people }) => people));
    }),
  );
}

function classifier(classes: Thresholds["classes"]): (script: string) => string {
  const known = new Map(
    Object.entries(classes).flatMap(([name, scripts]) =>
      scripts.map((script) => [script, name] as const),
    ),
  );
  return (script) => known.get(script) ?? EXTERNAL;
}

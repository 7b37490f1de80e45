/** The section `webhooks`: which addresses get which events, and the secret that signs them. */
import { z } from "zod";
import { isLoopback, pathSchema, whole, word } from "./fields.js";

/** Receivers at most. */
const MAX_WEBHOOKS = 16;

/** Types of events that a receiver can have: those of records, and changes of the status. */
export const WEBHOOK_EVENTS = Object.freeze([
  "payment",
  "alert",
  "claim",
  "commit",
  "replace",
  "release",
  "freeze",
  "unfreeze",
  "destination",
  "policy",
  "import",
  "clock_accepted",
  "adopted",
  "pruned",
  "status",
] as const);

/** Whether an address is one that events may be posted to: HTTPS, or HTTP on this machine, without a password in it. */
export function isTarget(text: string): boolean {
  if (text.length > 2_048 || !URL.canParse(text)) return false;
  const { protocol, username, password, hostname } = new URL(text);
  const isPrivate = protocol === "http:" && isLoopback(hostname.replace(/^\[|\]$/g, ""));
  return (protocol === "https:" || isPrivate) && `${username}${password}` === "";
}

const webhookField = z.strictObject({
  name: z
    .string("give a name")
    .regex(/^[a-z][a-z0-9_-]{0,63}$/, "give lower-case letters, digits, - and _, at most 64")
    .describe("name of the receiver; how far it has come is kept under it"),
  url: z
    .string("give an address")
    .refine(isTarget, {
      error: "give an https:// address, or http:// on this machine, without user and password",
    })
    .describe("address that events are posted to; redirects are not followed"),
  secret_file: pathSchema.describe(
    "file of its owner alone with the secret (whsec_…), of shield webhooks keygen; a second line signs too, for a rotation",
  ),
  events: z
    .array(word(WEBHOOK_EVENTS))
    .min(1, "give at least one type")
    .default([...WEBHOOK_EVENTS])
    .describe("types of events that it gets; default: all"),
  timeout_seconds: whole(1, 60).default(15).describe("time for one delivery, seconds"),
});

/** The section. */
export const webhooksField = z
  .array(webhookField)
  .max(MAX_WEBHOOKS, `give at most ${MAX_WEBHOOKS} receivers`)
  .default([])
  .describe("receivers of signed events (Standard Webhooks)");

/** One receiver, complete. */
export type WebhookConfig = Readonly<{
  name: string;
  url: string;
  secret_file: string;
  events: readonly (typeof WEBHOOK_EVENTS)[number][];
  timeout_ms: number;
}>;

/** Completes the section. */
export const webhooksOf = (
  webhooks: z.output<typeof webhooksField>,
  paths: (at: readonly PropertyKey[], path: string) => string,
): readonly WebhookConfig[] =>
  webhooks.map(({ name, url, secret_file, events, timeout_seconds }, at) => ({
    ...{ name, url, events, timeout_ms: timeout_seconds * 1_000 },
    secret_file: paths(["webhooks", at, "secret_file"], secret_file),
  }));

/** Writes the page of the HTTP API from its OpenAPI document. */
import { PROBLEM_CODES, PROBLEMS } from "../../src/service/http/problems.js";

type Operation = Readonly<{
  summary: string;
  description?: string;
  tags: readonly string[];
  "x-roles"?: readonly string[];
  responses: Readonly<Record<string, Readonly<{ description: string }>>>;
}>;

/** The part of a document that the page shows. */
export type Document = Readonly<{
  tags: readonly Readonly<{ name: string; description: string }>[];
  paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}>;

const INTRODUCTION = `# HTTP API of the service

The routes of \`shield serve\`, who may call them, and what they answer. This page is made from
[the OpenAPI document](openapi.json), which the service gives at \`/v1/openapi.json\` and shows at \`/docs\`; a test
compares all three.

Every request but those of the probes and the document carries \`Authorization: Bearer KEY\`. A key has one role, and can be
bound to wallets: it then acts on these alone, lists leave others out, and a payment of another wallet is \`not_found\`.

**Only an answer of 200 permits anything, and only with** \`final: "ALLOW"\` of a payment, \`decision: "ALLOW"\` of a
claim. A refusal is 200, too. Whatever else comes, or nothing, the payment is refused; ask again with the same id and content,
which counts once. With \`enforced: false\` (observe mode) the answer is what would hold, and the caller goes on as before.

Errors are problems (RFC 9457, \`application/problem+json\`): \`code\` is stable, \`detail\` says what to do, \`errors\` names each
offending field, \`instance\` is the request in the service's log. A decision that could not be recorded is a member \`decision\` of
its problem, and never an ALLOW.

Bodies are strict JSON of at most 16,384 bytes (a payment 250,000, signals 512,000): no duplicate keys, no unknown fields,
amounts as text.
`;

/** Makes the page. */
export function apiPage(document: Document): string {
  const sections = document.tags.map(({ name, description }) => {
    const rows = operationsOf(document).filter(({ operation }) => operation.tags.includes(name));
    return [
      `## ${name[0]!.toUpperCase()}${name.slice(1)}`,
      "",
      `${description[0]!.toUpperCase()}${description.slice(1)}.`,
      "",
      table([
        ["route", "roles", "what", "problems"],
        ...rows.map(({ route, operation }) => [
          `\`${route}\``,
          (operation["x-roles"] ?? []).join(", ") || "none needed",
          operation.summary,
          specialProblems(operation),
        ]),
      ]),
      "",
    ].join("\n");
  });
  return `${INTRODUCTION}\n${sections.join("\n")}\n${problemsSection()}`;
}

function operationsOf({ paths }: Document) {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      route: `${method.toUpperCase()} ${path}`,
      operation,
    })),
  );
}

/** Problems that every route has are named once, below the table. */
const COMMON = new Set([
  "malformed_request",
  "unknown_field",
  "malformed_json",
  "incomplete_body",
  "unauthenticated",
  "keys_unavailable",
  "role_not_allowed",
  "host_not_allowed",
  "origin_not_allowed",
  "body_too_large",
  "media_type",
  "rate_limited",
  "internal_error",
]);

function specialProblems({ responses }: Operation): string {
  const codes = Object.entries(responses)
    .filter(([status]) => Number(status) >= 400)
    .flatMap(([, { description }]) => description.split(", "))
    .filter((code) => Object.hasOwn(PROBLEMS, code) && !COMMON.has(code));
  return codes.map((code) => `\`${code}\``).join(", ");
}

function problemsSection(): string {
  const rows = PROBLEM_CODES.map((code) => {
    const { status, title, remedy } = PROBLEMS[code];
    return [`\`${code}\``, String(status), title, remedy.replaceAll("|", "\\|")];
  });
  return [
    "## Problems",
    "",
    "The tables above name what is special to a route; the other codes can come from every route that reads a body or needs a key.",
    "",
    table([["code", "status", "what happened", "what to do"], ...rows]),
    "",
  ].join("\n");
}

/** A table as prettier writes it. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) =>
    Math.max(3, ...rows.map((row) => row[column]!.length)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  const [head, ...rest] = rows;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(head!), rule, ...rest.map(line)].join("\n");
}

/** Writes docs/governance.md from the table of what loosens, and from what the model of theft found. */
import { LOOSENINGS } from "../../src/service/governance/loosening.js";

/** Of one stolen key: each call that its role allows, and every answer that it got. */
export type Causes = Readonly<Record<string, readonly string[]>>;

const HEAD = `# Governed changes

Without governance one operator's key can loosen everything: lift freezes, release incidents, accept the clock. With it, whatever
can turn a refusal into an ALLOW is **proposed** by one person, **approved** by \`governance.approvals\` others, and carried out
once, after its delay. What tightens stays immediate: freeze, revoke a key (but a reporter's, whose alarms would end), a stricter configuration.

This page is made from the service's own table and from a test that steals one key of each kind (\`vitest -u\` writes it).

## Begin

\`shield init --governance 2-of-4\` writes the section \`governance\` and makes a key for each of four operators. A deployment that
runs already gets the section by hand, and keys of at least \`approvals\` + 1 persons first. At the first start with the section
governance is **latched**: keys and configuration as they are then count as accepted, and to remove the section is a loosening.

- A person is a key's \`name\`, whatever its case: two keys of one name are one vote. Operators and governors (who propose and vote, and give
  no orders) govern, with keys that are bound to no wallet.
- **Keys** count as they were accepted. The file of keys can take away (revoke, bind to fewer wallets, end earlier) and never add: a
  line that is new or wider does not count, and what was revoked once stays so.
- **The configuration** is compared at each start with the accepted one, by a digest over all that decides. One that is tighter in every
  difference is accepted; any other is refused until a proposal for exactly its digest was carried out: it then starts once, within \`proposal_valid_seconds\`. What is not provably tighter
  loosens. With several processes change the file of each before any is restarted.

## Propose, approve

A call that loosens answers 409 \`governed\`, with the change to send as \`proposal\`.

| what                  | command                                                                  |
| --------------------- | ------------------------------------------------------------------------ |
| propose               | \`shield propose unfreeze --scope wallet --id hot-1 --reason "…"\`         |
| another configuration | \`shield propose configuration --config new.yaml --reason "…"\`            |
| a new key             | \`shield propose key-add --role operator --name ann --reason "…"\`         |
| what waits            | \`shield proposals\`, and the flag \`awaiting_second_key\` of the status     |
| read, then approve    | \`shield proposals show p-…\`, \`shield proposals approve p-…\`              |
| object                | \`shield proposals reject p-… --reason "…"\`, which takes an approval back |

- Each person has one vote; the last one counts; the proposer has none. A proposal is rejected once too few are left who could approve it.
- Approvals of keys that were revoked or have expired do not count when the change is carried out.
- A proposal is bound to what it changes as that stands. Of two that change the same the first one carried out makes the other
  \`stale\`.
- A proposal to accept the clock states how far it steps: by the process that watches, and by the ledger's own clock. One that has stepped a minute
  further when it is carried out is not accepted (\`stale\`, code \`clock_moved\`).
- Every step is a record of the ledger (kind \`governance\`) in the transaction that makes it hold, so that the audit covers it.
- An order carries the name \`proposal:p-…\` in the ledger's records.
`;

const WAYS = {
  proposal: "a proposal",
  configuration: "a proposal for the configuration's digest",
  host: "a command on the host",
  none: "no call does",
} as const;

const DELAYS = { loosen: "`loosen_delay_seconds`", release: "`release_delay_seconds`" } as const;

const STRESS = `## When something goes wrong

| what                                           | what happens                                                                                                                                                            |
| ---------------------------------------------- | ----------------------------------------------------------------------------------------------------------------------------------------------------------------------- |
| the proposer leaves                            | the proposal stands on the approvals of others; whoever could approve it can reject it                                                                                  |
| a key expires or is revoked                    | its approvals no longer count, and the proposal waits for others                                                                                                        |
| two proposals conflict                         | the first one that is carried out makes the other stale                                                                                                                 |
| the service ends while a change is carried out | the next start, or a process that watches, notes it where the records have it, and carries it out where it is still about the same; else it is \`failed\` (\`interrupted\`) |
| the clock steps                                | delays run by a clock that no step moves; while the site's clock is not trusted nothing with a delay is carried out; once it is accepted, delays begin anew             |
| too few keys are left                          | nothing loosens; tightening goes on; recover on the host                                                                                                                |
| a thief is one of the last \`approvals\` + 1     | revoking below that number needs a proposal with keys in their place, which the thief can block; recover on the host                                                    |
| a reporter's key is stolen                     | it can only raise false alarms; revoke it by a proposal, or at once on the host with \`shield keys revoke\`                                                               |
| what governs is lost or of another time        | the service does not start; restore the folder \`governance\` with the ledger, or recover on the host                                                                     |

**Recovery on the host**, for keys or a state that were lost. Stop every service of the deployment:

\`\`\`sh
shield keys add --recovery --role operator --name ann
shield governance recover --operator ann --reason "two of three keys were in the burnt office"
\`\`\`

It accepts keys and configuration as they are, closes every proposal, is recorded, and is named at each start and in \`/readyz\` for 30 days.
With the section \`governance\` removed it ends governance.

**Who owns the host** can do all of this, and can change ledger and service. What holds against that is outside of it: signers
verify tokens by approvers' keys that they have pinned ([decision 41](decisions/0041-approvers-sign-signers-verify.md)), and checkpoints
of the records are kept elsewhere.

A gateway in a process of its own gives back no payment that it claimed: the payment counts until it leaves its window, or a proposal releases it.
`;

/** Makes the page. */
export function governancePage(causes: Readonly<Record<string, Causes>>): string {
  const loosening = LOOSENINGS.map(({ id, what, way, route, command, delay }) => [
    `\`${id}\``,
    what,
    [route, command].flatMap((one) => (one === null ? [] : [`\`${one}\``])).join(", "),
    WAYS[way],
    delay === null ? "" : DELAYS[delay],
  ]);
  return [
    HEAD,
    "## What loosens",
    "",
    table([["id", "what", "call or command", "made by", "waits"], ...loosening]),
    "",
    "## What one stolen key can cause",
    "",
    CAUSES,
    ...Object.entries(causes).flatMap(([kind, calls]) => [
      `### ${kind[0]!.toUpperCase()}${kind.slice(1)}`,
      "",
      ...(Object.keys(calls).length === 0
        ? ["No call that changes anything."]
        : [
            table([
              ["call", "carried out", "else refused with"],
              ...Object.entries(calls)
                .sort(([a], [b]) => (a < b ? -1 : 1))
                .map(([call, answers]) => [
                  `\`${call}\``,
                  answers.includes("200") ? "yes" : "no",
                  answers
                    .filter((one) => one !== "200")
                    .map((one) => `\`${one}\``)
                    .join(", "),
                ]),
            ]),
          ]),
      "",
    ]),
    STRESS,
  ].join("\n");
}

const CAUSES = `The test makes a site with a frozen wallet and account, a limit that a claimed payment fills, a new destination that waits, an
amount above its limit, and one that needs two approvals. It then makes every call that changes anything with the stolen key, one after
the other and in random orders. After each, every one of those payments is still refused, at least \`approvals\` + 1 persons govern, and
no proposal was carried out. A thief can ask for payments within the limits (wallet), give one person's approval (approver), stop
payments (operator, reporter), and revoke keys down to \`approvals\` + 1 persons who govern (operator, governor).
`;

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

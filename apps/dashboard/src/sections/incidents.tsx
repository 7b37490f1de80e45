/** What went wrong: findings with their evidence, what each caused, and how it is released. */
import type { ShieldClient } from "@dgb-shield/client/http";
import type { DefenseState, Finding, Incident } from "../model.js";
import { ActionButton } from "../parts/action-button.js";
import { Badge, Moment, Text, toneOf } from "../parts/basics.js";
import { Section, Show } from "../parts/section.js";
import type { Action } from "../state/actions.js";
import { findings, freezes, incidents, lockdown, status } from "../state/live.js";
import { counted, listed, printable, words } from "../text/format.js";
import { Evidence } from "./evidence.js";
import { Freezes } from "./freezes.js";
import { Proposals } from "./proposals.js";

export function IncidentsSection() {
  const open = incidents.value.value.data?.incidents.length;
  return (
    <Section
      id="incidents"
      title="Incidents"
      aside={open !== undefined && <Badge tone={open > 0 ? "bad" : "good"}>{open} open</Badge>}
    >
      <Clock />
      <Show what="lockdown" from={lockdown}>
        {(state) => <Lockdown state={state} />}
      </Show>
      <Show what="open incidents" from={incidents}>
        {({ incidents: open }) =>
          open.length === 0 ? (
            <p>No incident is open.</p>
          ) : (
            <ul class="cards">
              {open.map((incident) => (
                <li key={incident.incident_id}>
                  <Card incident={incident} />
                </li>
              ))}
            </ul>
          )
        }
      </Show>
      <Freezes />
      <Proposals />
    </Section>
  );
}

function Lockdown({ state }: { state: DefenseState }) {
  return (
    <div class="lockdown">
      <p>
        Lockdown <Badge tone={toneOf(state.lockdown)}>{state.lockdown}</Badge>
        {state.since_ms > 0 && (
          <>
            {" since "}
            <Moment ms={state.since_ms} ago />
          </>
        )}
        : <Text of={state.reason} />
      </p>
      {state.actions.length > 0 && (
        <details>
          <summary>What the node does: {counted(state.actions.length, "action")}</summary>
          <ul class="rows">
            {state.actions.map(({ action, reason }) => (
              <li key={action}>
                <strong>{words(printable(action))}</strong>: <Text of={reason} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function Card({ incident }: { incident: Incident }) {
  const { cause, level, since_ms, summary, latched } = incident;
  const known = findings.value.value.data?.findings ?? [];
  const ids = new Set(incident.findings.map(({ finding_id }) => finding_id));
  const found = known.filter(({ finding }) => ids.has(finding.finding_id));
  return (
    <article class="card" aria-labelledby={`i-${incident.incident_id}`}>
      <h3 id={`i-${incident.incident_id}`}>
        <Badge tone={toneOf(level)}>{level}</Badge> {words(printable(cause))}
      </h3>
      <p class="summary">
        <Text of={summary} />
      </p>
      <p class="muted">
        since <Moment ms={since_ms} ago /> ·{" "}
        {latched ? "holds until an operator releases it" : "ends by itself once its cause is gone"}
      </p>
      {found.length > 0 && <Found found={found} />}
      <Caused incident={incident} />
      {latched && (
        <ActionButton
          roles={["operator"]}
          label="Release …"
          about={`the incident ${words(cause)}`}
          make={() => releaseOf(incident)}
        />
      )}
    </article>
  );
}

function Found({ found }: { found: readonly { node_id: string | null; finding: Finding }[] }) {
  return (
    <details>
      <summary>{counted(found.length, "finding")} with evidence</summary>
      <ul class="rows">
        {found.map(({ node_id, finding }) => (
          <li key={`${node_id ?? ""} ${finding.finding_id}`}>
            <strong>
              <Text of={node_id ?? "all nodes together"} />
            </strong>{" "}
            at height {finding.height}, <Moment ms={finding.detected_at_ms} />:{" "}
            <Text of={finding.summary} />
            <Evidence of={finding.evidence} />
          </li>
        ))}
      </ul>
    </details>
  );
}

/** What an incident caused: events of the defense, and where it is the one that stops all, payments. */
function Caused({ incident }: { incident: Incident }) {
  const events = lockdown.value.value.data?.events ?? [];
  const own = events.filter(({ event_id }) => incident.defense_events.includes(event_id));
  const riskFreezes = (freezes.value.value.data?.freezes ?? []).filter(
    ({ kind }) => kind === "risk",
  );
  if (own.length === 0 && riskFreezes.length === 0) return null;
  return (
    <p>
      It caused:{" "}
      {listed([
        ...new Set(
          own.map(
            ({ type, severity }) =>
              `${words(printable(type))} in the defense (severity ${severity})`,
          ),
        ),
        ...(riskFreezes.length > 0 ? [`${counted(riskFreezes.length, "freeze")} by risk`] : []),
      ])}
      .
    </p>
  );
}

function releaseOf({ incident_id, cause, findings: found, defense_events }: Incident): Action {
  return {
    title: `Release: ${words(cause)}`,
    does: [
      found.length === 0
        ? "acknowledge no finding: there is none any more"
        : `acknowledge ${counted(found.length, "finding")} of ${cause} (${listed([...new Set(found.map(({ node_id }) => node_id))])})`,
      `end ${counted(defense_events.length, "event")} of the defense, and the lockdown where nothing else holds it`,
      "lift the freezes by risk, where no other cause is left",
      "record it in your name, with the reason",
    ],
    doesNot:
      "It pays nothing and lifts no operator's freeze. Where the cause is still there, the next report finds it again.",
    confirm: "Release",
    reason: true,
    sends: `POST /v1/incidents/${incident_id}/release`,
    body: (reason) => ({ reason }),
    async send(api, reason) {
      const { released, lifted_freezes } = await api.post("/v1/incidents/{id}/release", {
        path: { id: incident_id },
        body: { reason },
      });
      const done = `Released: ${counted(released.length, "latched cause")}, ${counted(lifted_freezes, "freeze")} lifted.`;
      return (await isOpen(api, incident_id))
        ? `${done} The incident is still open: the next reports show whether its cause is gone.`
        : done;
    },
  };
}

/** Whether an incident is open; where that cannot be read the release is done all the same, and nothing is said. */
async function isOpen(api: ShieldClient, id: string): Promise<boolean> {
  try {
    const { incidents: open } = await api.get("/v1/incidents");
    return open.some(({ incident_id }) => incident_id === id);
  } catch {
    return false;
  }
}

/** Offers to accept the clock, where the service does not trust it. */
function Clock() {
  const { data } = status.value.value;
  if (data?.cause?.code !== "clock_untrusted") return null;
  return (
    <div class="card">
      <h3>The clock is not trusted</h3>
      <p>
        <Text of={data.cause.text} />. By the service it is <Moment ms={data.as_of_ms} /> UTC, by
        this browser <Moment ms={Date.now()} /> UTC.
      </p>
      <ActionButton roles={["operator"]} label="Accept the clock …" make={acceptClock} />
    </div>
  );
}

const acceptClock = (): Action => ({
  title: "Accept the service's clock",
  does: [
    "take the service's present time as right in every layer",
    "date now what lies in the future, but for claims that can still be signed",
    "record it in your name, with the reason",
  ],
  doesNot: "Compare it with another clock first: this ends the protection against a wrong one.",
  confirm: "Accept the clock",
  reason: true,
  sends: "POST /v1/clock/accept",
  body: (reason) => ({ reason }),
  async send(api, reason) {
    await api.post("/v1/clock/accept", { body: { reason } });
    return "The clock was accepted.";
  },
});

/** The answer to "may I pay out?", in one sentence, and what can be done about it. */
import type { Role, ServiceState, Status } from "../model.js";
import { Badge, Moment, Text, toneOf } from "../parts/basics.js";
import { everySecond, incidents, lostSince, serviceNow, status } from "../state/live.js";
import { hasRole } from "../state/session.js";
import { durationText, timeText } from "../text/format.js";

const ANSWERS: Readonly<Record<ServiceState, string>> = {
  open: "Yes.",
  restricted: "In part.",
  stopped: "No.",
  blind: "No.",
};

export function Verdict() {
  everySecond();
  const { data, problem } = status.value.value;
  const lost = lostSince.value;
  if (lost !== null) return <Lost since={lost} last={data} />;
  if (data === undefined) {
    return (
      <section id="verdict" class="verdict unknown" tabIndex={-1}>
        <h1>{problem === null ? "Asking the service …" : `Not known: ${problem.title}.`}</h1>
      </section>
    );
  }
  return (
    <section
      id="verdict"
      class={`verdict ${toneOf(data.state)}`}
      tabIndex={-1}
      aria-labelledby="answer"
    >
      {data.evidence === "recording" && (
        <p class="played">
          <strong>A recording is played.</strong> Nothing on this page is about the chain as it is
          now.
        </p>
      )}
      <p class="question">May I pay out?</p>
      <h1 id="answer" aria-live="polite">
        <span class="word">{ANSWERS[data.state]}</span> <Text of={data.summary} />
      </h1>
      <p>
        <Badge tone={toneOf(data.state)}>{data.state}</Badge> since{" "}
        <Moment ms={data.since_ms} ago />
        {" · risk "}
        <Badge tone={toneOf(data.level)}>{data.level}</Badge>
        {" · lockdown "}
        <Badge tone={toneOf(data.lockdown)}>{data.lockdown}</Badge>
      </p>
      <Remedies data={data} />
      <Wallets data={data} />
    </section>
  );
}

function Lost({ since, last }: { since: number; last: Status | undefined }) {
  const now = serviceNow();
  return (
    <section id="verdict" class="verdict unknown" tabIndex={-1} aria-labelledby="answer">
      <p class="question">May I pay out?</p>
      <h1 id="answer" aria-live="assertive">
        <span class="word">Not known.</span> Disconnected since {timeText(since, now)} UTC.
      </h1>
      <p>
        The page has had no answer for {durationText(now - since)}. Do not pay out by what you see
        here.
        {last !== undefined && (
          <>
            {" "}
            Its last answer was: <em>{last.state}</em>.
          </>
        )}
      </p>
      <p>
        What to do: check that the service runs (<code>shield status</code> on its host). The page
        connects again by itself.
      </p>
    </section>
  );
}

function Remedies({ data }: { data: Status }) {
  const open = incidents.value.value.data?.incidents ?? [];
  if (data.remedies.length === 0 && open.length === 0) return null;
  return (
    <div>
      <h2 class="small-title">What to do now</h2>
      <ul>
        {data.remedies.map(({ role, text }) => (
          <li key={text}>
            <Badge tone="plain">{whoText(role)}:</Badge> <Text of={text} />
          </li>
        ))}
        {open.length > 0 && (
          <li>
            <a href="#incidents">
              {open.length === 1
                ? "See the open incident"
                : `See the ${open.length} open incidents`}
            </a>
          </li>
        )}
      </ul>
    </div>
  );
}

const whoText = (role: Role | "host"): string =>
  role === "host"
    ? "on the host"
    : hasRole(role)
      ? "you"
      : `${/^[ao]/.test(role) ? "an" : "a"} ${role}`;

function Wallets({ data }: { data: Status }) {
  if (data.wallets.length === 0) return null;
  return (
    <details>
      <summary>
        {data.wallets.length === 1 ? "1 wallet" : `${data.wallets.length} wallets`}, one by one
      </summary>
      <ul class="rows">
        {data.wallets.map(({ wallet_id, mode, state, cause }) => (
          <li key={wallet_id}>
            <Badge tone={toneOf(state)}>{state}</Badge> <Text of={wallet_id} /> ({mode}s)
            {cause !== null && (
              <>
                {": "}
                <Text of={cause} />
              </>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}

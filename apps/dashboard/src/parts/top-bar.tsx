/** Which deployment this is, who is signed in, and the way to each section. */
import { everySecond, lostSince, serviceNow, status } from "../state/live.js";
import { session, signOut } from "../state/session.js";
import { timeText } from "../text/format.js";
import { Badge, Text } from "./basics.js";

const SECTIONS = [
  ["verdict", "Answer"],
  ["chain", "Chain"],
  ["incidents", "Incidents"],
  ["held", "Held back"],
  ["nodes", "Nodes"],
  ["payment", "One payment"],
  ["report", "Report"],
] as const;

export function TopBar() {
  everySecond();
  const { data } = status.value.value;
  const key = session.value?.key;
  const now = serviceNow();
  return (
    <header class="top">
      <p class="where">
        <strong>Quantum Shield</strong>{" "}
        {data !== undefined && (
          <>
            <Text of={data.deployment_id} /> on <Text of={data.chain} />
          </>
        )}
      </p>
      <nav aria-label="Sections">
        <ul>
          {SECTIONS.map(([id, title]) => (
            <li key={id}>
              <a href={`#${id}`}>{title}</a>
            </li>
          ))}
        </ul>
      </nav>
      <p class="who">
        {data !== undefined && lostSince.value === null && (
          <span class="clock">{timeText(now, now)} UTC</span>
        )}
        {lostSince.value !== null && <Badge tone="unknown">connection lost</Badge>}
        {key !== undefined && (
          <span>
            <Text of={key.name} /> ({key.role})
          </span>
        )}
        <button type="button" class="quiet" onClick={() => signOut()}>
          Sign out
        </button>
      </p>
    </header>
  );
}

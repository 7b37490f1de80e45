/** The incidents of a report's time range, with their ends and releases. */
import { Text } from "../parts/basics.js";
import type { Incidents } from "../model.js";
import { counted, printable, words } from "../text/format.js";
import type { Report } from "./collect.js";
import { whole } from "./whole.js";

/** Whether an incident has not ended. */
export const isOpen = ({ ended_ms }: Incidents["incidents"][number]): boolean => ended_ms === null;

/** The incidents, each with what it was at its worst. */
export function PastIncidents({ report: { incidents, range } }: { report: Report }) {
  const { incidents: all, left_out, since_ms } = incidents;
  return (
    <>
      {since_ms !== null && since_ms > range.from_ms && (
        <p>Incidents are kept since {whole(since_ms)}: what ended before is not in this report.</p>
      )}
      {all.length === 0 && <p>No incident was open in the range.</p>}
      <ul>
        {all.map(({ incident_id, cause, severity, level, since_ms: from, ended_ms, ...rest }) => (
          <li key={incident_id}>
            {whole(from)} to {ended_ms === null ? "now, open" : whole(ended_ms)} ·{" "}
            <strong>{words(printable(cause))}</strong> (at worst {level}, severity {severity}):{" "}
            <Text of={rest.summary} />
            {rest.released !== null && (
              <>
                {" "}
                Released {whole(rest.released.at_ms)} by <Text of={rest.released.operator} />:{" "}
                <Text of={rest.released.reason} />
              </>
            )}
            <ul>
              {rest.findings.map(({ node_id, finding_id, summary }) => (
                <li key={`${node_id} ${finding_id}`}>
                  <Text of={node_id} />: <Text of={summary} />
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {left_out > 0 && (
        <p>
          <strong>Cut:</strong> the range has {counted(left_out, "more incident")}. Make a report of
          a shorter range.
        </p>
      )}
    </>
  );
}

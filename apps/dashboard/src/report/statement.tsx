/** The signed statement of the tips in a report. */
import { Text } from "../parts/basics.js";
import type { Report } from "./collect.js";

/** The statement as text: saved as a file it verifies without this service. */
export function Statement({ of }: { of: Report["statement"] }) {
  if ("missing" in of) {
    return (
      <p>
        None: <Text of={of.missing} />
      </p>
    );
  }
  return (
    <>
      <p>
        Of the moment when the report was made. Saved as <code>tip.json</code>, it is verified with
        the keys that the operator handed out: <code>shield tip verify tip.json --key KEYS</code>.
      </p>
      <pre class="statement">{JSON.stringify(of)}</pre>
    </>
  );
}

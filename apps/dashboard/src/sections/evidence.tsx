/** Evidence of a finding: fields and values, as deep as they go. */
import { Text } from "../parts/basics.js";
import { printable, words } from "../text/format.js";

/** Fields of one level that are shown. */
const MAX_FIELDS = 40;
/** Characters of a value that are shown. */
const MAX_VALUE = 400;

export function Evidence({ of }: { of: Readonly<Record<string, unknown>> }) {
  const fields = Object.entries(of).slice(0, MAX_FIELDS);
  if (fields.length === 0) return null;
  return (
    <dl class="facts">
      {fields.map(([name, value]) => (
        <div key={name}>
          <dt>{words(printable(name))}</dt>
          <dd>
            <Text of={valueText(value)} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function valueText(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text;
}

/** A section of the page, and what it shows while its data is missing or of before. */
import type { ComponentChildren } from "preact";
import { lostSince } from "../state/live.js";
import type { Resource } from "../state/resource.js";
import { Moment, Text } from "./basics.js";

type SectionProps = {
  id: string;
  title: string;
  /** Beside the title: what is in it at a glance. */
  aside?: ComponentChildren;
  children: ComponentChildren;
};

/** A section with a heading, which the menu leads to. */
export const Section = ({ id, title, aside, children }: SectionProps) => (
  <section id={id} aria-labelledby={`${id}-title`} tabIndex={-1}>
    <header class="section-head">
      <h2 id={`${id}-title`}>{title}</h2>
      {aside}
    </header>
    {lostSince.value !== null && (
      <p class="stale">
        As it was at <Moment ms={lostSince.value} /> UTC, when the connection was lost. It may be
        different now.
      </p>
    )}
    {children}
  </section>
);

type ShowProps<T> = {
  /** What it is, for the text where it is missing: "payments held back". */
  what: string;
  from: Resource<T>;
  children: (data: T) => ComponentChildren;
};

/** Shows a resource; where it cannot be read, that is said: it is never shown as empty. */
export function Show<T>({ what, from, children }: ShowProps<T>) {
  const { data, problem } = from.value.value;
  const isLost = lostSince.value !== null;
  return (
    <>
      {problem !== null && !isLost && (
        <div class="unavailable" role="status">
          <p>
            <strong>Unavailable: {what}.</strong> {problem.title}. <Text of={problem.detail} />
          </p>
          <p>
            {data === undefined
              ? "Whether there are any is not known."
              : "Below is what was read last."}
          </p>
        </div>
      )}
      {data === undefined ? problem === null && <p class="muted">Reading …</p> : children(data)}
    </>
  );
}

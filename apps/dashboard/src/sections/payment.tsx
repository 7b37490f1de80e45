/** One payment as a timeline: what was decided and done, with the hash of each record, and its proof. */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { problemOf } from "../api.js";
import type { Problem, Timeline } from "../model.js";
import { Badge, Code, Command, Moment, shellWord, Text } from "../parts/basics.js";
import { Section } from "../parts/section.js";
import { held, status } from "../state/live.js";
import { hasRole, session } from "../state/session.js";
import { counted, grouped, printable, unitOf, words } from "../text/format.js";
import { factTexts } from "../text/provenance.js";
import { HeldReason } from "./held-reason.js";
import { PaymentProofButton, ProofButton } from "./proof.js";

type Opened = Readonly<{ id: string; timeline: Timeline | null; problem: Problem | null }>;
const opened = signal<Opened | null>(null);
const wanted = signal("");

/** Opens a payment in its section, and leads there. */
export function openPayment(id: string): void {
  wanted.value = id;
  const section = document.querySelector<HTMLElement>("#payment");
  const lead = (): void => section?.scrollIntoView();
  // Its records make the page longer: only then can the section's beginning come to the top.
  void read(id).then(() => requestAnimationFrame(lead));
  lead();
  section?.focus({ preventScroll: true });
}

async function read(id: string): Promise<void> {
  const api = session.peek()?.api;
  if (api === undefined || id === "") return;
  opened.value = { id, timeline: null, problem: null };
  try {
    const timeline = await api.get("/v1/payments/{id}/timeline", { path: { id } });
    if (opened.peek()?.id === id) opened.value = { id, timeline, problem: null };
  } catch (error) {
    if (opened.peek()?.id === id) opened.value = { id, timeline: null, problem: problemOf(error) };
  }
}

/** Milliseconds between two looks at the payment that is shown: a checkpoint may cover more of it. */
const LOOK_MS = 5_000;

/** Reads the shown payment again; what fails leaves what is shown. */
async function readAgain(): Promise<void> {
  const [api, before] = [session.peek()?.api, opened.peek()];
  if (api === undefined || before === null || before.timeline === null) return;
  const { id } = before;
  try {
    const timeline = await api.get("/v1/payments/{id}/timeline", { path: { id } });
    if (opened.peek() === before) opened.value = { id, timeline, problem: null };
  } catch {
    // That the service does not answer is said at the top of the page.
  }
}

export function PaymentSection() {
  const current = opened.value;
  useEffect(() => {
    const timer = setInterval(() => void readAgain(), LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  const send = (event: Event): void => {
    event.preventDefault();
    void read(wanted.value.trim());
  };
  return (
    <Section id="payment" title="One payment">
      {!hasRole("operator", "reader", "approver") ? (
        <p class="muted">
          The records of a payment need a key of an operator, an approver or a reader.
        </p>
      ) : (
        <form class="inline" onSubmit={send}>
          <label class="field">
            <span>Id of the payment</span>
            <input
              name="payment"
              value={wanted.value}
              maxLength={128}
              required
              autocomplete="off"
              onInput={(event) => (wanted.value = event.currentTarget.value)}
            />
          </label>
          <button type="submit">Show</button>
        </form>
      )}
      {current !== null && <Opened of={current} />}
    </Section>
  );
}

function Opened({ of: { id, timeline, problem } }: { of: Opened }) {
  if (problem !== null) {
    return (
      <p class="unavailable" role="alert">
        <strong>{problem.title}.</strong> <Text of={problem.detail} />
      </p>
    );
  }
  if (timeline === null) return <p class="muted">Reading …</p>;
  const { entries, checkpoint_at_ms } = timeline;
  const proven = entries.filter((entry) => entry.proven).map(({ seq }) => seq);
  return (
    <>
      <h3 id="payment-name">
        Payment <Text of={id} />
      </h3>
      <HeldNow id={id} />
      <ol class="timeline" aria-labelledby="payment-name">
        {entries.map((entry) => (
          <li key={entry.seq}>
            <Entry entry={entry} />
          </li>
        ))}
      </ol>
      <h3>Prove it to an auditor</h3>
      {checkpoint_at_ms === null ? (
        <p>
          No checkpoint is signed: configure audit, and wait for the first one. The hashes below
          each record are its leaves.
        </p>
      ) : (
        <>
          <p>
            {proven.length} of {counted(entries.length, "record")} under the last signed checkpoint.
            Proven in one file:
          </p>
          {proven.length > 0 && <PaymentProofButton id={id} seqs={proven} />}
        </>
      )}
      <p>On the host, the same by a command:</p>
      <Command text={`shield audit prove ${shellWord(id)} > proof.json`} />
      <p>
        The auditor verifies it anywhere, without the service, by the public key of the audit (the
        file <code>audit.pub.json</code>; in the demo its path is in the terminal):
      </p>
      <Command text="shield audit verify --proof proof.json --key audit.pub.json" />
    </>
  );
}

/** Why it is held back, where the list of those has it. */
function HeldNow({ id }: { id: string }) {
  const decision = held.value.value.data?.decisions.find(({ payment_id }) => payment_id === id);
  return decision === undefined ? null : <HeldReason decision={decision} />;
}

function Entry({ entry }: { entry: Timeline["entries"][number] }) {
  const { seq, at_ms, kind, decision, guard, reason_codes, facts, hash, proven } = entry;
  const final = facts["final"];
  const tone = final === "ALLOW" || (decision === "ALLOW" && final === undefined) ? "good" : "warn";
  const word = final ?? decision;
  return (
    <>
      <p class="entry-head">
        <Moment ms={at_ms} /> <strong>{words(printable(kind))}</strong>{" "}
        {word !== null && <Badge tone={tone}>{printable(word)}</Badge>}
      </p>
      <p>
        {reason_codes.length > 0 && <Text of={reason_codes.map(words).join(", ")} />}
        {guard !== null && guard !== "QWG_ALLOW" && (
          <>
            {" · "}
            <Text of={guard} />
          </>
        )}
      </p>
      <dl class="facts">
        {Object.entries(facts)
          .filter(([name]) => name !== "final")
          .map(([name, value]) => (
            <div key={name}>
              <dt>{words(printable(name))}</dt>
              <dd>
                <Text of={value} />
              </dd>
            </div>
          ))}
        {kind === "decision" && <Provenance of={entry} />}
        <div>
          <dt>record {grouped(seq)}</dt>
          <dd>
            <Code of={hash} />{" "}
            {proven ? (
              <Badge tone="good">in the signed tree</Badge>
            ) : (
              <Badge tone="plain">not signed yet</Badge>
            )}
          </dd>
        </div>
      </dl>
      {proven && <ProofButton seq={seq} />}
    </>
  );
}

/** The sources of a decision's facts, as lines of a list. */
function Provenance({ of: { provenance, counted: values } }: { of: Timeline["entries"][number] }) {
  const unit = unitOf(status.value.value.data?.chain ?? "");
  const facts = factTexts(provenance, values, unit);
  if (facts.length === 0) {
    return (
      <div>
        <dt>source of facts</dt>
        <dd>not recorded: the record is of an earlier version, or cannot be read</dd>
      </div>
    );
  }
  return facts.map(({ name, word, tone, detail }) => (
    <div key={name}>
      <dt>{name}</dt>
      <dd>
        <Badge tone={tone}>{word}</Badge> <Text of={detail} />
      </dd>
    </div>
  ));
}

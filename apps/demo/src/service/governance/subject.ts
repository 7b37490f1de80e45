/** Says what a proposed change is about, where the change itself only names it by an id (design, section 10). */
import type { FreezeList, ListedFreeze } from "@dgb-shield/wallet-guardian";
import type { Incident, PaymentView, Service } from "../service.js";
import { isPending } from "./decide.js";
import type { Proposal, ShownChange } from "./view.js";

/** Where what it is about is read. */
export type SubjectSources = Pick<Service, "freezes" | "incidents" | "payment" | "governedKeys">;

/** A proposal, and sentences about what it changes. */
export type DescribedProposal = Proposal & Readonly<{ subject: readonly string[] }>;

/** Pages of 1,000 freezes that are looked through at most. */
const MAX_PAGES = 10;
const PAGE = 1_000;
/** Freezes, destinations or keys that are named at most; the rest is counted. */
const MAX_NAMED = 20;

/**
 * Describes proposals; what several are about is read once. Of a closed one only what the change itself states is described, since what
 * it was about may be gone. What cannot be read is said to be unreadable, and never left out.
 */
export async function described(
  proposals: readonly Proposal[],
  sources: SubjectSources,
): Promise<DescribedProposal[]> {
  const read: Read = {
    freezes: once(() => readFreezes(sources)),
    incidents: once(() => sources.incidents()),
    payment: (id) => sources.payment(id),
    keys: () => sources.governedKeys() ?? [],
  };
  return Promise.all(
    proposals.map(async (one) => ({ ...one, subject: await sentencesOf(one, read) })),
  );
}

type Read = Readonly<{
  freezes(): Promise<Readonly<{ freezes: readonly ListedFreeze[]; isWhole: boolean }>>;
  incidents(): Promise<readonly Incident[]>;
  payment: SubjectSources["payment"];
  keys(): readonly Readonly<{ id: string; name: string; role: string }>[];
}>;

async function sentencesOf({ change, status }: Proposal, read: Read): Promise<string[]> {
  switch (change.kind) {
    case "keys":
      return keySentences(change, read);
    case "accept_clock":
      return [clockSentence(change)];
    case "approve_destination":
      return [destinationSentence(change)];
    case "configuration":
      return [configurationSentence(change)];
    default:
      if (!isPending({ status })) return [];
      return live(change, read).catch(() => [UNREADABLE[change.kind]]);
  }
}

type Live = Extract<ShownChange, { kind: "unfreeze" | "release_incident" | "release_payment" }>;

const UNREADABLE: Readonly<Record<Live["kind"], string>> = {
  unfreeze: "What is frozen cannot be read: look before you vote.",
  release_incident: "Open incidents cannot be read: look before you vote.",
  release_payment: "The payment cannot be read: look before you vote.",
};

function live(change: Live, read: Read): Promise<string[]> {
  switch (change.kind) {
    case "unfreeze":
      return frozen(change, read);
    case "release_incident":
      return incident(change.incident_id, read);
    case "release_payment":
      return payment(change.payment_id, read);
  }
}

type Change<K extends ShownChange["kind"]> = Extract<ShownChange, { kind: K }>;

async function frozen({ scope, id }: Change<"unfreeze">, read: Read): Promise<string[]> {
  const { freezes, isWhole } = await read.freezes();
  const lifted = freezes.filter((one) =>
    scope === "cause"
      ? one.cause_id === id
      : one.scope === scope && one.id === id && one.kind !== "operator",
  );
  const rest = isWhole ? [] : [UNREADABLE.unfreeze];
  if (lifted.length === 0 && isWhole) return ["No such freeze is in force (any more)."];
  return [
    ...named(lifted, "freeze", (one) => {
      const by = one.operator === null ? one.kind : `${one.kind} (${one.operator})`;
      const what = one.scope === "global" ? "everything" : `${one.scope} ${one.id}`;
      return `It lifts the freeze of ${what} by ${by}: ${one.reason}`;
    }),
    ...rest,
  ];
}

async function incident(id: string, read: Read): Promise<string[]> {
  const found = (await read.incidents()).find(({ incident_id }) => incident_id === id);
  return [
    found === undefined
      ? "No such incident is open (any more)."
      : `It releases the incident: ${found.summary}`,
  ];
}

async function payment(id: string, read: Read): Promise<string[]> {
  const answer = await read.payment(id);
  if ("accepted" in answer) return [UNREADABLE.release_payment];
  if ("missing" in answer || answer.status !== "claimed") {
    return ["No such payment is claimed (any more)."];
  }
  const { amount, wallet_id, account_id, destinations } = answer;
  const account = account_id === null ? "" : `, account ${account_id}`;
  return [
    `It gives back ${amount} coins of wallet ${wallet_id}${account}, as never signed: they count against no limit any more.`,
    ...destinationsOf(destinations),
  ];
}

const destinationsOf = (destinations: PaymentView["destinations"]): string[] =>
  destinations === null
    ? ["Where it was to pay is not recorded."]
    : named(
        destinations,
        "destination",
        ({ address, amount }) => `It was to pay ${amount} to ${address}.`,
      );

const destinationSentence = ({
  account_id,
  wallet_id = "",
  address,
}: Change<"approve_destination">): string => {
  const owner = account_id === undefined ? `wallet ${wallet_id}` : `account ${account_id}`;
  return `It lets ${owner} pay ${address} at once, without the waiting time of a new destination.`;
};

const configurationSentence = ({ differences }: Change<"configuration">): string =>
  `It lets the service start with another configuration, which differs from the accepted one in ${counted(differences.length, "place")}.`;

function keySentences({ add, revoke }: Change<"keys">, read: Read): string[] {
  const known = new Map(read.keys().map((key) => [key.id, key]));
  return [
    ...add.map(addedSentence),
    ...revoke.map((id) => {
      const key = known.get(id);
      return key === undefined
        ? `It revokes key ${id}, which does not count (any more).`
        : `It revokes key ${id} of ${key.name}: ${key.role}.`;
    }),
  ];
}

function addedSentence({
  id,
  role,
  name,
  wallets,
  reports_for,
  expires_at_ms,
}: Change<"keys">["add"][number]): string {
  const scope =
    reports_for === null
      ? (wallets?.join(", ") ?? "everything")
      : `for ${reports_for.operator}: ${reports_for.node_ids.join(", ")}`;
  const end = expires_at_ms === null ? "no end" : `until ${new Date(expires_at_ms).toISOString()}`;
  return `It adds key ${id} of ${name}: ${role}, ${scope}, ${end}.`;
}

function clockSentence({ seen }: Change<"accept_clock">): string {
  if (seen === undefined) return "It does not state how far the clock steps: reject it.";
  const seconds = Math.round(Math.abs(seen.step_ms) / 1_000);
  const step =
    seconds === 0
      ? "in step with the time that has passed"
      : `${seconds} s ${seen.step_ms > 0 ? "ahead of" : "behind"} the time that has passed`;
  return `As it was proposed, the clock is ${seen.status}: ${step}; a step beyond that is not accepted.`;
}

async function readFreezes(sources: SubjectSources): ReturnType<Read["freezes"]> {
  const freezes: ListedFreeze[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const begin = after === undefined ? {} : { after };
    const page = await sources.freezes({ ...begin, limit: PAGE });
    if (!isList(page)) throw new Error("the freezes cannot be read");
    freezes.push(...page.freezes);
    if (page.next === null) return { freezes, isWhole: true };
    after = page.next;
  }
  return { freezes, isWhole: false };
}

const isList = (page: Awaited<ReturnType<SubjectSources["freezes"]>>): page is FreezeList =>
  page.accepted;

/** A sentence for each of the first; the rest is counted. */
function named<T>(all: readonly T[], noun: string, sentence: (one: T) => string): string[] {
  const more = all.length - MAX_NAMED;
  return [
    ...all.slice(0, MAX_NAMED).map(sentence),
    ...(more > 0 ? [`And of ${counted(more, `more ${noun}`)}.`] : []),
  ];
}

const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? "" : "s"}`;

/** Reads once, at the first call. */
function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => (reading ??= read());
}

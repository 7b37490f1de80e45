/** Who governs: keys by the person who holds them, each person once (design, section 10). */
import type { ApiKey } from "../keys/key.js";
import { isInForce } from "../keys/keyring.js";
import type { StoredProposal, Vote } from "./state.js";

/** Roles whose keys govern. */
const GOVERNING: ReadonlySet<string> = new Set(["operator", "governor"]);

/** The person behind a key's name: spelling by case or form of characters makes no second person. */
export const personOf = (name: string): string => name.normalize("NFKC").toLowerCase().trim();

/** Whether a key governs at a time: of a governing role, for the whole site, in force. */
const governs = (key: ApiKey, nowMs: number): boolean =>
  GOVERNING.has(key.role) && key.wallets === null && isInForce(key, nowMs);

/** The persons who govern at a time. */
export const governorsIn = (keys: readonly ApiKey[], nowMs: number): ReadonlySet<string> =>
  new Set(keys.filter((key) => governs(key, nowMs)).map(({ name }) => personOf(name)));

/** What is known of the votes on a proposal at one moment. */
export type Tally = Readonly<{
  /** Persons whose approval counts now. */
  approvals: number;
  /** Persons who could still approve, those who have included. */
  reachable: number;
  /** Whether a vote counts: its key governs now, and is not the proposer's. */
  counts: (vote: Vote) => boolean;
}>;

/** Counts the votes on a proposal by the keys that govern now. */
export function tallyOf(
  { votes, proposed_by }: Pick<StoredProposal, "votes" | "proposed_by">,
  keys: readonly ApiKey[],
  nowMs: number,
): Tally {
  const inForce = new Map(keys.filter((key) => governs(key, nowMs)).map((key) => [key.id, key]));
  const proposer = personOf(proposed_by.operator);
  const counts = ({ key_id, operator }: Vote): boolean => {
    const person = personOf(operator);
    const key = inForce.get(key_id);
    return key !== undefined && personOf(key.name) === person && person !== proposer;
  };
  const counted = votes.filter(counts);
  const personsWho = (vote: Vote["vote"]): Set<string> =>
    new Set(counted.filter((one) => one.vote === vote).map(({ operator }) => personOf(operator)));
  const against = personsWho("reject");
  const others = [...governorsIn(keys, nowMs)].filter((person) => person !== proposer);
  return {
    approvals: personsWho("approve").size,
    reachable: others.filter((person) => !against.has(person)).length,
    counts,
  };
}

/** Who is signed in: a key, in memory only, and what it may do. */
import type { ShieldClient } from "@dgb-shield/client/http";
import { computed, signal } from "@preact/signals";
import { createApi, problemOf } from "../api.js";
import type { Key, Problem, Role } from "../model.js";

/** A session. */
export type Session = Readonly<{ api: ShieldClient; key: Key }>;

export const session = signal<Session | null>(null);
/** Why the last session ended, or could not begin. */
export const signInProblem = signal<Problem | null>(null);

const role = computed<Role | null>(() => session.value?.key.role ?? null);

/** Whether the key that is signed in has one of some roles. */
export const hasRole = (...roles: readonly Role[]): boolean =>
  role.value !== null && roles.includes(role.value);

/** Signs in with a key's token; what is wrong with it is in `signInProblem`. */
export async function signIn(token: string): Promise<void> {
  try {
    const api = createApi(token.trim());
    session.value = { api, key: await api.get("/v1/key") };
    signInProblem.value = null;
  } catch (error) {
    signInProblem.value = problemOf(error);
  }
}

/** Ends the session; the page forgets the key. */
export function signOut(problem: Problem | null = null): void {
  session.value = null;
  signInProblem.value = problem;
}

/** Takes a key out of the address, where a program on this machine has put it, and out of the history. */
export function keyInAddress(): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get("key");
  if (token !== null) history.replaceState(null, "", location.pathname + location.search);
  return token;
}

/** Takes the outcome of a sink's asynchronous answer, so that a failure is no unhandled rejection. */

/** Works on the promises of every realm, by their state, whatever they own or inherit; throws on anything else. */
const then = Reflect.get(Promise.prototype, "then") as (
  this: object,
  ...handlers: unknown[]
) => unknown;
const nothing = (): void => undefined;

/** Ignores what a sink answered, now or later, a promise of another realm or a foreign thenable included. */
export function ignoreOutcome(answer: unknown): void {
  if ((typeof answer !== "object" && typeof answer !== "function") || answer === null) return;
  if (isTaken(() => void Reflect.apply(then, answer, [nothing, nothing]))) return;
  isTaken(() => void Promise.resolve(answer).then(nothing, nothing));
}

/** Whether an attempt did not throw. */
function isTaken(attempt: () => void): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}

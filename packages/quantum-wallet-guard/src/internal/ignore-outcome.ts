/** Ignores the outcome of a sink's asynchronous answer, so that a failure is no unhandled rejection. */

/** Works on the promises of every realm, by their state, whatever they own or inherit; throws on anything else. */
const then = Reflect.get(Promise.prototype, "then") as (
  this: object,
  ...handlers: unknown[]
) => unknown;
const nothing = (): void => undefined;

/** Ignores what a sink returned, now or later, a promise of another realm or a foreign thenable included. */
export function ignoreOutcome(answer: unknown): void {
  if ((typeof answer !== "object" && typeof answer !== "function") || answer === null) return;
  if (succeeds(() => void Reflect.apply(then, answer, [nothing, nothing]))) return;
  succeeds(() => void Promise.resolve(answer).then(nothing, nothing));
}

/** Whether a call did not throw. */
function succeeds(call: () => void): boolean {
  try {
    call();
    return true;
  } catch {
    return false;
  }
}

/** Asks for a key. It is kept in memory: it is gone when the page is closed or loaded anew. */
import { useRef, useState } from "preact/hooks";
import { Text } from "../parts/basics.js";
import { signIn, signInProblem } from "../state/session.js";

export function SignIn() {
  const key = useRef<HTMLInputElement>(null);
  const [isBusy, setBusy] = useState(false);
  const problem = signInProblem.value;
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    await signIn(key.current?.value ?? "");
    setBusy(false);
  };
  return (
    <main class="sign-in">
      <h1>May I pay out?</h1>
      <p>
        Sign in with a key of this service. What the page shows and lets you do follows from its
        role.
      </p>
      <form onSubmit={(event) => void send(event)}>
        <label class="field">
          <span>Key</span>
          <input
            ref={key}
            type="password"
            name="key"
            required
            autocomplete="off"
            spellcheck={false}
            autofocus
          />
        </label>
        {problem !== null && (
          <p class="unavailable" role="alert">
            <strong>{problem.title}.</strong> <Text of={problem.detail} />
          </p>
        )}
        <button type="submit" class="primary" disabled={isBusy}>
          {isBusy ? "Signing in …" : "Sign in"}
        </button>
      </form>
      <p class="muted">
        The key stays in this page's memory: it is neither stored nor sent anywhere but to this
        service, and is forgotten when the page is closed. Without a key:{" "}
        <code>shield keys add --role operator --name YOU</code>
      </p>
    </main>
  );
}

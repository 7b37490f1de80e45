/** Small parts that every section uses. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { everySecond, serviceNow } from "../state/live.js";
import { durationText, printable, timeText } from "../text/format.js";

/** A text of the service or of a node: isolated, so that nothing in it changes what stands around it. */
export const Text = ({ of }: { of: string }) => <bdi class="text">{printable(of)}</bdi>;

/** A hash, an id, an address: whole, in a fixed width. */
export const Code = ({ of }: { of: string }) => <bdi class="code">{printable(of)}</bdi>;

/** A moment, and how long ago it was. */
export function Moment({ ms, ago = false }: { ms: number; ago?: boolean }) {
  everySecond();
  const now = serviceNow();
  const isTime = Number.isFinite(ms) && Math.abs(ms) <= 8.64e15;
  return (
    <time {...(isTime ? { dateTime: new Date(ms).toISOString() } : {})}>
      {timeText(ms, now)}
      {ago && ` (${durationText(now - ms)} ago)`}
    </time>
  );
}

export type Tone = "good" | "warn" | "bad" | "unknown" | "plain";

/** A word with a colour; the word says it without the colour. */
export const Badge = ({ tone, children }: { tone: Tone; children: ComponentChildren }) => (
  <span class={`badge ${tone}`}>{children}</span>
);

const TONES: Readonly<Record<string, Tone>> = {
  normal: "good",
  open: "good",
  NONE: "good",
  NORMAL: "good",
  elevated: "warn",
  ELEVATED: "warn",
  restricted: "warn",
  PARTIAL: "warn",
  CRITICAL_LOCAL: "warn",
  high: "bad",
  critical: "bad",
  stopped: "bad",
  FULL: "bad",
  CRITICAL_GLOBAL: "bad",
  blind: "unknown",
  UNKNOWN: "unknown",
};

/** The tone of a level, a state or a lockdown; what is not known is `unknown`. */
export const toneOf = (word: string): Tone =>
  Object.hasOwn(TONES, word) ? (TONES[word] ?? "unknown") : "unknown";

/** A command to run elsewhere, with a button that copies it. */
export function Command({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    void navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <div class="command">
      <code>{printable(text)}</code>
      <button type="button" class="quiet" onClick={copy}>
        {copied ? "Copied" : "Copy"}
        <span class="hidden"> the command {printable(text)}</span>
      </button>
    </div>
  );
}

/** Quotes an argument for a POSIX shell. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) && !text.startsWith("-")
    ? text
    : `'${text.replaceAll("'", "'\\''")}'`;

/** A progress bar on a terminal, below the lines that scroll past it; nothing in a pipe. */
const WIDTH = 30;
const REDRAW_MS = 100;

/** A bar that is drawn over and over on one line. */
export type Progress = Readonly<{
  /** Moves the bar: `done` of `total`. */
  move(done: number, total: number, label: string): void;
  /** Takes the bar away, so that lines can be printed. */
  clear(): void;
}>;

/** A bar on `stream` where it is a terminal. `nowMs` is any clock. */
export function createProgress(
  stream: Pick<NodeJS.WriteStream, "isTTY" | "write" | "columns">,
  nowMs: () => number,
): Progress {
  if (!stream.isTTY) return { move: () => undefined, clear: () => undefined };
  let drawnMs = -Infinity;
  let visible = false;
  return Object.freeze({
    move(done, total, label) {
      if (nowMs() - drawnMs < REDRAW_MS) return;
      drawnMs = nowMs();
      visible = true;
      stream.write(`\r\u001b[2K${barText(done / total, label).slice(0, stream.columns - 1)}`);
    },
    clear() {
      if (visible) stream.write("\r\u001b[2K");
      visible = false;
    },
  } satisfies Progress);
}

/** `[██████────]  60 % label`. */
export function barText(share: number, label: string): string {
  const full = Math.round(share * WIDTH);
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `  [${"█".repeat(full)}${"─".repeat(WIDTH - full)}] ${percent} % ${label}`;
}

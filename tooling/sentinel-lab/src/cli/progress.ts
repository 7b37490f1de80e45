/** A progress bar on standard error where that is a terminal; nothing elsewhere. */

const WIDTH = 30;
const REDRAW_MS = 100;
const CLEAR_LINE = "\r\u001b[2K";

/** Where the bar is drawn, and a clock for how often and how long. */
export type Terminal = Readonly<{
  isTTY: boolean;
  write: (text: string) => void;
  nowMs: () => number;
}>;

/** The bar of one piece of work. */
export type Progress = Readonly<{
  /** @param share 0 to 1 @param label what is being worked on */
  move: (share: number, label: string) => void;
  /** Takes the bar away. */
  end: () => void;
}>;

/** A bar that shows the share done and how long the rest will take at this pace. */
export function createProgress({ isTTY, write, nowMs }: Terminal): Progress {
  if (!isTTY) return { move: () => undefined, end: () => undefined };
  const begunMs = nowMs();
  let drawnMs = -Infinity;
  return {
    move(share, label) {
      const now = nowMs();
      if (now - drawnMs < REDRAW_MS) return;
      drawnMs = now;
      const left = share > 0 ? ((now - begunMs) * (1 - share)) / share / 1_000 : Infinity;
      write(`${CLEAR_LINE}${barText(share, label)}${leftText(left)}`);
    },
    end: () => write(CLEAR_LINE),
  };
}

function barText(share: number, label: string): string {
  const full = Math.round(Math.min(1, share) * WIDTH);
  const percent = String(Math.floor(Math.min(1, share) * 100)).padStart(3);
  return `[${"█".repeat(full)}${"─".repeat(WIDTH - full)}] ${percent} % ${label}`;
}

function leftText(seconds: number): string {
  if (!Number.isFinite(seconds)) return "";
  return seconds < 90 ? `, ${Math.ceil(seconds)} s left` : `, ${Math.ceil(seconds / 60)} min left`;
}

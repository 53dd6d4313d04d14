import { escapeMarkup } from "../plots/mod.ts";
import { formatSeconds } from "../terminal/mod.ts";
import type { Bundle, Slot } from "./_display.ts";

/** Milliseconds between two states that are shown. */
const INTERVAL = 250;

/** A bar that moves in its place in the cell's output. */
export interface ProgressBar {
  /** @param done of the total; @param text what is being done, beside the bar */
  update(done: number, text?: string): Promise<void>;
  /** The state that stays. */
  finish(text?: string): Promise<void>;
}

interface State {
  readonly done: number;
  readonly text: string;
  /** Since the bar was opened. */
  readonly seconds: number;
}

/** @throws RangeError unless the total is positive */
export function openBar(total: number, label: string, slot: Slot): ProgressBar {
  if (!(total > 0)) throw new RangeError(`Cannot show progress to ${total}: it must be > 0`);
  return open(
    slot,
    ({ done, ...rest }) => bar({ ...rest, done: Math.min(done, total) }, total, label),
  );
}

/** Counts where the end is not known. */
export function openCounter(label: string, slot: Slot): ProgressBar {
  return open(slot, ({ done, text, seconds }) => {
    const rate = seconds > 0 ? `${(done / seconds).toFixed(1)} a second` : "";
    const words = [label, `${done}`, text, rate, formatSeconds(seconds)].filter(Boolean)
      .join(" · ");
    return { "text/html": escapeMarkup(words), "text/plain": words };
  });
}

function open(slot: Slot, draw: (state: State) => Bundle): ProgressBar {
  const started = performance.now();
  let drawn = -Infinity;
  let state = { done: 0, text: "" };
  const bundle = () => draw({ ...state, seconds: (performance.now() - started) / 1000 });
  return {
    async update(done, text = state.text) {
      state = { done, text };
      if (performance.now() - drawn < INTERVAL) return;
      drawn = performance.now();
      await slot.update(bundle());
    },
    async finish(text = state.text) {
      state = { ...state, text };
      await slot.finish(bundle());
    },
  };
}

/** Widths of a bar of text. */
const CELLS = 24;

function bar({ done, text, seconds }: State, total: number, label: string): Bundle {
  const share = done / total;
  const left = share > 0 && share < 1
    ? `, ${formatSeconds(seconds * (1 - share) / share)} left`
    : "";
  const words = [label, `${(100 * share).toFixed(0)} %`, text, `${formatSeconds(seconds)}${left}`]
    .filter(Boolean).join(" · ");
  const filled = Math.round(CELLS * share);
  return {
    "text/html": `<progress value="${share}" style="width:16em;vertical-align:middle" ` +
      `aria-label="${escapeMarkup(label || "progress")}"></progress> ${escapeMarkup(words)}`,
    "text/plain": `${"█".repeat(filled)}${"░".repeat(CELLS - filled)} ${words}`,
  };
}

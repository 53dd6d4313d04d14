import { escapeMarkup } from "../plots/mod.ts";
import { formatSeconds } from "../terminal/mod.ts";
import { type Bundle, Slot } from "./_display.ts";

/** Milliseconds between two states that are shown. */
const INTERVAL = 250;

/** A bar that moves in its place in the cell's output. */
export interface Progress {
  /** @param done of the total; @param text what is being done, beside the bar */
  update(done: number, text?: string): Promise<void>;
  /** The state that stays. */
  finish(text?: string): Promise<void>;
}

/**
 * A progress bar. It is drawn four times a second at most, and its last state always.
 *
 * @example
 * ```ts
 * import { progress } from "sam/notebook";
 *
 * const bar = progress(3, "epochs");
 * for (let epoch = 1; epoch <= 3; epoch++) await bar.update(epoch);
 * await bar.finish();
 * ```
 *
 * @param total what `update` counts to
 * @throws RangeError unless the total is positive
 */
export function progress(total: number, label = ""): Progress {
  if (!(total > 0)) throw new RangeError(`Cannot show progress to ${total}: it must be > 0`);
  const slot = new Slot();
  const started = performance.now();
  let drawn = -Infinity;
  let state = { done: 0, text: "" };
  const bundle = () =>
    bar({ ...state, total, label, seconds: (performance.now() - started) / 1000 });
  return {
    async update(done, text = state.text) {
      state = { done: Math.min(done, total), text };
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

function bar(
  { done, total, text, label, seconds }: {
    done: number;
    total: number;
    text: string;
    label: string;
    seconds: number;
  },
): Bundle {
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

// @ts-types="./_cli_progress.d.ts"
import { Format, SingleBar } from "cli-progress";
import type { Output } from "./output.ts";

/** What a bar looks like. */
export interface BarOptions<State> {
  /** What it counts to. */
  readonly total: number;
  /** Characters of the bar itself. */
  readonly width: number;
  /** Whether its last state stays once it is closed. */
  readonly stays: boolean;
  /** The parts of its line, the most important first: as many are drawn as fit. */
  line(bar: string, state: State): readonly string[];
}

/** A bar on a terminal that redraws itself five times a second until it is closed. */
export interface Bar<State> {
  update(done: number, state: State): void;
  /** Stops it; its timer would keep the process alive. */
  close(): void;
}

/** Draws a bar in the terminal's present line. */
export function openBar<State extends object>(
  output: Output,
  { total, width, stays, line }: BarOptions<State>,
  done: number,
  state: State,
): Bar<State> {
  const bar = new SingleBar<State>({
    // What cli-progress uses of a Node stream.
    stream: {
      isTTY: true,
      get columns() {
        return output.columns;
      },
      write: (text) => output.write(text),
    },
    fps: 5,
    barsize: width,
    clearOnComplete: !stays,
    // It leaves the terminal's own wrapping alone, so a killed process leaves no mess.
    linewrap: true,
    format: (options, { progress, maxWidth }, state) =>
      fit(line(`[${Format.BarFormat(progress, options)}]`, state), maxWidth),
  });
  bar.start(total, done, state);
  return {
    update: (done, state) => bar.update(done, state),
    close: () => bar.stop(),
  };
}

/** As many parts as go into a line. */
function fit(parts: readonly string[], width: number): string {
  const text = parts.join("  ");
  return text.length < width || parts.length === 1 ? text : fit(parts.slice(0, -1), width);
}

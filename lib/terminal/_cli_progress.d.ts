/**
 * The part of cli-progress that we use. It ships no types, and `@types/cli-progress` brings a
 * `@types/node` that takes the place of Deno's own for the whole project.
 */

/** A progress bar that redraws itself until it is stopped. */
export class SingleBar<Payload extends object> {
  constructor(options: {
    stream: { readonly isTTY: boolean; readonly columns: number; write(text: string): void };
    /** Redraws in a second, at most. */
    fps: number;
    /** Width of the bar in characters. */
    barsize: number;
    /** Whether `stop` removes it. */
    clearOnComplete: boolean;
    /** False switches the terminal's line wrapping off meanwhile. */
    linewrap: boolean;
    format: (
      options: BarOptions,
      params: { readonly progress: number; readonly maxWidth: number },
      payload: Payload,
    ) => string;
  });
  start(total: number, value: number, payload: Payload): void;
  update(value: number, payload: Payload): void;
  stop(): void;
}

export const Format: { BarFormat(progress: number, options: BarOptions): string };

interface BarOptions {
  readonly barsize: number;
}

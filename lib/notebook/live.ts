import { displayBundle, toSvg, trainingCurves } from "../plots/mod.ts";
import { type PlannedRun, type RunRow, runRow, type SweepEvent } from "../runs/mod.ts";
import { type EpochRow, throwIfCellInterrupted, type TrainEvent } from "../train/mod.ts";
import { Slot } from "./_display.ts";
import { shownRows } from "./_run_table.ts";
import { progress, type ProgressBar } from "./progress.ts";

/** Milliseconds between two drawings of the curves. */
const INTERVAL = 1000;

/** Options of {@linkcode live}. */
export interface LiveOptions {
  /** Draw loss and error against epoch; default true for one run, false for a sweep. */
  readonly curves?: boolean;
}

/**
 * Follows the events of a training run or of a sweep: a progress bar, and curves that redraw in
 * place after each epoch, at most once a second. The last state is complete: a live chart
 * with its pictures.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { train } from "sam";
 * import { live } from "sam/notebook";
 *
 * const small = { dataset: "synthetic_16", trainCount: 40, testCount: 20, batchSize: 20 };
 * const config = { ...train.defaultConfig, ...small, model: "wide_resnet_10_1", epochs: 2 };
 * const folder = await Deno.makeTempDir();
 * const rows = await live(train.train(config, { folder }));
 * assertEquals(rows.map(({ epoch }) => epoch), [1, 2]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 *
 * @returns the rows of all epochs, those before a resume too, which show themselves as a table of the last epoch of each run
 * @throws what the events throw; KeyboardInterrupt if the cell is interrupted, after the run has
 *   saved itself: the same cell continues where it stopped
 */
export async function live(events: AsyncIterable<TrainEvent>, options?: LiveOptions): Promise<
  EpochRow[]
>;
export async function live(events: AsyncIterable<SweepEvent>, options?: LiveOptions): Promise<
  RunRow[]
>;
export async function live(
  events: AsyncIterable<TrainEvent | SweepEvent>,
  { curves }: LiveOptions = {},
): Promise<EpochRow[]> {
  const view = new View(curves);
  try {
    for await (const event of events) await view.show(event);
  } finally {
    await view.finish();
  }
  throwIfCellInterrupted();
  return shownRows(view.rows);
}

/** What is shown of a run or a sweep so far. */
class View {
  /** Rows of finished epochs; in a sweep, of finished runs. */
  readonly rows: EpochRow[] = [];
  /** The run that is being trained in a sweep, and its rows. */
  #planned: PlannedRun | undefined;
  #running: RunRow[] = [];
  #curves: boolean | undefined;
  readonly #slot = new Slot();
  #bar: ProgressBar | undefined;
  #drawn = -Infinity;
  #runs = { done: 0, total: 0 };
  #run = { stepsPerEpoch: 1, epochs: 1, name: "" };

  constructor(curves: boolean | undefined) {
    this.#curves = curves;
  }

  async show(event: TrainEvent | SweepEvent): Promise<void> {
    switch (event.type) {
      case "sweep":
        this.#curves ??= false;
        this.#runs.total = event.runs.length;
        this.#bar = progress(event.runs.length, event.name);
        return;
      case "train":
        this.#planned = event.run;
        this.#run.name = `${event.run.method}, seed ${event.run.config.seed}`;
        return await this.show(event.event);
      case "run":
      case "diverged":
        this.#running = [];
        this.#runs.done++;
        if (event.type === "run") this.rows.push(...event.rows);
        return await this.#bar!.update(this.#runs.done, this.#count());
      case "wait":
        return await this.#bar!.update(this.#runs.done, "waiting for other processes");
      case "start": {
        const { rows = [] } = event.resumedFrom ?? {};
        this.#run = { ...this.#run, stepsPerEpoch: event.stepsPerEpoch, epochs: event.epochs };
        this.#bar ??= progress(1);
        for (const row of rows) this.#add(row);
        if (rows.length > 0) await this.#draw();
        return;
      }
      case "step": {
        const { stepsPerEpoch, epochs, name } = this.#run;
        const share = event.step / (stepsPerEpoch * epochs);
        const words = `epoch ${event.epoch} of ${epochs}, loss ${event.loss.toFixed(3)}, ` +
          `${event.imagesPerSecond.toFixed(0)} images/s`;
        const { done, total } = this.#runs;
        if (total === 0) return await this.#bar!.update(share, words);
        return await this.#bar!.update(done + share, `${this.#count()}; ${name}: ${words}`);
      }
      case "epoch":
        this.#add(event.row);
        return await this.#draw();
    }
  }

  #add(row: EpochRow): void {
    if (this.#planned === undefined) this.rows.push(row);
    else this.#running.push(runRow(row, this.#planned));
  }

  /** Shows the last state, even of a run that was stopped. */
  async finish(): Promise<void> {
    await this.#bar?.finish(this.#runs.total === 0 ? undefined : this.#count());
    if (this.#curves === false || this.rows.length === 0) return;
    await this.#slot.finish({ ...await displayBundle(trainingCurves(this.rows)) });
  }

  #count(): string {
    return `${this.#runs.done} of ${this.#runs.total} runs`;
  }

  async #draw(): Promise<void> {
    const rows = [...this.rows, ...this.#running];
    const isSoon = performance.now() - this.#drawn < INTERVAL;
    if (this.#curves === false || rows.length === 0 || isSoon) return;
    this.#drawn = performance.now();
    const spec = trainingCurves(rows);
    const svg = await toSvg(spec);
    await this.#slot.update({ "image/svg+xml": svg, "text/plain": spec.description ?? "" });
  }
}

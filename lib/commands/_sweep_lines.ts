/** What a sweep tells, in lines that JSON can hold: from process to process, and to scripts. @module */
import { isDeepStrictEqual } from "node:util";
import type { PlannedRun, SweepEvent } from "../runs/mod.ts";
import { nameOf } from "./_train_flags.ts";

/** Of a run: the experiment's name, the run's identity, and the run in words. */
interface OfRun {
  readonly experiment: string;
  readonly run: string;
  readonly what: string;
}

/** A run that is being trained. */
export interface StepLine extends OfRun {
  readonly type: "step";
  readonly epoch: number;
  readonly epochs: number;
  readonly stepInEpoch: number;
  readonly stepsPerEpoch: number;
  /** null where it is not finite. */
  readonly loss: number | null;
  readonly imagesPerSecond: number;
}

/** A line of `sweep --json`. */
export type SweepLine =
  | { readonly type: "sweep"; readonly experiment: string; readonly runs: number }
  | StepLine
  | OfRun & {
    readonly type: "run";
    /** After the last epoch; null where it is not finite. */
    readonly testError: number | null;
    readonly source: "trained" | "folder" | "records";
  }
  | OfRun & { readonly type: "warning" | "diverged" | "failed"; readonly message: string }
  | { readonly type: "wait"; readonly experiment: string; readonly runs: number };

/** The lines of a sweep's events. */
export async function* linesOf(
  events: AsyncIterable<SweepEvent>,
): AsyncGenerator<SweepLine> {
  let experiment = "";
  let varied: readonly string[] = [];
  let stepsPerEpoch = 0;
  const of = (run: PlannedRun) => ({ experiment, run: run.id, what: describe(run, varied) });
  for await (const event of events) {
    switch (event.type) {
      case "sweep":
        experiment = event.name;
        varied = variedBy(event.runs);
        yield { type: "sweep", experiment, runs: event.runs.length };
        break;
      case "run": {
        const { testError = NaN } = event.rows.at(-1)!;
        yield { type: "run", ...of(event.run), testError: finite(testError), source: event.source };
        break;
      }
      case "train": {
        const { run, event: inner } = event;
        if (inner.type === "start") ({ stepsPerEpoch } = inner);
        if (inner.type === "warning") {
          yield { type: "warning", ...of(run), message: inner.message };
        }
        if (inner.type !== "step") break;
        const { epoch, stepInEpoch, imagesPerSecond } = inner;
        const { epochs } = run.config;
        const loss = finite(inner.loss);
        const place = { epoch, epochs, stepInEpoch, stepsPerEpoch };
        yield { type: "step", ...of(run), ...place, loss, imagesPerSecond };
        break;
      }
      case "diverged":
      case "failed":
        yield { type: event.type, ...of(event.run), message: event.error.message };
        break;
      case "wait":
        yield { type: "wait", experiment, runs: event.runs.length };
    }
  }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** What a run is called by in any case. */
const TOLD = ["samRho", "labelNoise", "seed"];

/** The other entries by which runs differ. */
function variedBy(runs: readonly PlannedRun[]): string[] {
  const configs = runs.map(({ config }) => config as Readonly<Record<string, unknown>>);
  const names = new Set(configs.flatMap((config) => Object.keys(config)));
  return [...names].filter((name) =>
    !TOLD.includes(name) &&
    configs.some((config) => !isDeepStrictEqual(config[name], configs[0]![name]))
  );
}

function describe({ method, config }: PlannedRun, varied: readonly string[]): string {
  const { samRho, labelNoise, seed } = config;
  const others = config as Readonly<Record<string, unknown>>;
  return [
    method,
    ...samRho === 0 ? [] : [`rho ${samRho}`],
    ...labelNoise === 0 ? [] : [`${100 * labelNoise} % wrong labels`],
    ...varied.filter((name) => others[name] !== undefined)
      .map((name) => `${nameOf(name)} ${others[name]}`),
    `seed ${seed}`,
  ].join(", ");
}

import {
  buildTask,
  defaultConfig,
  type EvaluatedRow,
  fit,
  isEvaluated,
  type TrainConfig,
} from "../train/mod.ts";

/** Label noise and radius of each of the demo's runs, in the order in which they are trained. */
export interface DemoRun {
  readonly labelNoise: number;
  readonly samRho: number;
  readonly seed: number;
}

/** The runs by seed, so that after each seed there is a whole comparison. */
export function demoRuns(seeds: number, { samRho }: TrainConfig): DemoRun[] {
  return Array.from(
    { length: seeds },
    (_, seed) =>
      [0, 0.4].flatMap((labelNoise) =>
        [0, samRho].map((rho) => ({ labelNoise, samRho: rho, seed }))
      ),
  ).flat();
}

/** What the demo trains: a small network on few examples without augmentation, so that it overfits. */
export const demoConfig: TrainConfig = {
  ...defaultConfig,
  dataset: "synthetic_16",
  model: "wide_resnet_10_1",
  trainCount: 1500,
  testCount: 500,
  epochs: 12,
  batchSize: 50,
  augmentation: "none",
};

/** Trains one run and gives each epoch's row as it comes. */
export async function* trainDemoRun(
  config: TrainConfig,
  run: DemoRun,
  signal: AbortSignal,
  onSpeed: (imagesPerSecond: number) => void,
): AsyncGenerator<EvaluatedRow> {
  const task = await buildTask({ ...config, ...run });
  for await (const event of fit(task, { signal })) {
    if (event.type === "step") onSpeed(event.imagesPerSecond);
    if (event.type === "epoch" && isEvaluated(event.row)) yield event.row;
  }
}

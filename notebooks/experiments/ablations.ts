/**
 * What SAM's settings do where a network overfits: 500 images of Fashion-MNIST, 40 % of the
 * labels wrong. The runs with the settings of `noise_robustness.ts` are the same runs.
 *
 * - Command: `deno task sweep notebooks/experiments/ablations.ts`
 * - Machine: 2 × AMD EPYC, without a GPU
 * - Time: 56 minutes for 45 runs
 * - Expected: test error after the last epoch, mean over seeds: 43.7 % with SGD, 39.5 % with SAM at
 *   ρ = 0.05, 31.5 % at ρ = 0.2
 */
import type { runs } from "sam";
import { noiseRobustness } from "./noise_robustness.ts";

const { base, seeds } = noiseRobustness;

/** @param grid beside ρ */
function withRadii(name: string, radii: readonly number[], grid: runs.Grid): runs.Experiment {
  return { name, base: { ...base, labelNoise: 0.4 }, grid: { ...grid, samRho: radii }, seeds };
}

/** The radius alone. */
export const rho = withRadii("rho", [0, 0.05, 0.1, 0.2, 0.5], {});

/** Radius and the number of examples that share a perturbation, none: the whole batch. */
export const rhoAndM = withRadii("rho × m", [0.05, 0.2], { m: ["none", 5] });

export const rhoAndWeightDecay = withRadii("rho × weight decay", [0, 0.2], {
  weightDecay: [0, 5e-4, 5e-3],
});

export const rhoAndBatchSize = withRadii("rho × batch size", [0, 0.2], {
  batchSize: [25, 50, 100],
});

export default [rho, rhoAndM, rhoAndWeightDecay, rhoAndBatchSize];

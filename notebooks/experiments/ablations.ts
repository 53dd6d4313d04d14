/**
 * What SAM's settings do where a network overfits: 500 images of Fashion-MNIST, with and without 40 % of
 * the labels wrong. What is not varied is what the search chose for SAM.
 *
 * - Command: `deno task sweep notebooks/experiments/ablations.ts`
 * - Machine: 2 × AMD EPYC (AVX512_BF16), a thread for each of two processes, without a GPU
 * - Time: 46 minutes for 200 runs
 * - Expected: test error after the last epoch, mean over seeds: with 40 % of the labels wrong
 *   42.5 % with SGD at the learning rate of SAM, 36.2 % at ρ = 0.1, 33.0 % at ρ = 0.2, 70.3 % at ρ
 *   = 1; with true labels 21.1 %, 21.3 %, 23.0 % and 33.8 %. With 40 % of the labels wrong, in groups
 *   of 5 that are normalised by the batch, 33.5 % at ρ = 0.05 beside 40.1 % with the whole batch
 */
import type { runs } from "sam";
import { noisy } from "./search.ts";
import { settings } from "./settings.ts";

const { samRho: chosenRho = 0, ...rest } = settings.noisy.SAM;
const base = { ...noisy, ...rest };
const noise = [0.4, 0];
const seeds = [0, 1, 2, 3, 4];
const radii = [0, chosenRho];

/** The radius alone. */
export const rho: runs.Experiment = {
  name: "rho",
  base,
  grid: { labelNoise: noise, samRho: [0, 0.05, 0.1, 0.2, 0.5, 1] },
  seeds,
};

/**
 * How many examples share a perturbation, none: the whole batch of 25; also at the radius that was
 * chosen with clean labels. Groups of 5 are normalised by their own statistics, as on the reference's
 * replicas, or by the batch's, so that the perturbation alone changes; ρ = 0 is the control.
 */
export const m: runs.Experiment = {
  name: "m",
  base,
  grid: { labelNoise: noise, samRho: [0, settings.clean.SAM.samRho ?? 0, chosenRho] },
  variants: [
    { config: {} },
    { config: { m: 5 } },
    { config: { m: 5, syncBatchNorm: true } },
  ],
  seeds,
};

export const weightDecay: runs.Experiment = {
  name: "weight decay",
  base,
  grid: { labelNoise: noise, samRho: radii, weightDecay: [0, 5e-4, 5e-3] },
  seeds,
};

/** At as many epochs, hence fewer steps, and at as many steps. */
export const batchSize: runs.Experiment = {
  name: "batch size",
  base,
  grid: { labelNoise: noise, samRho: radii },
  variants: [
    { config: { batchSize: 25 } },
    { config: { batchSize: 100 } },
    { config: { batchSize: 100, epochs: 80 } },
  ],
  seeds,
};

export default [rho, m, weightDecay, batchSize];

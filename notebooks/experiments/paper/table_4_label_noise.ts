/**
 * Table 4, wrong labels on CIFAR-10, ResNet-32.
 *
 * - Command: `deno task sweep notebooks/experiments/paper/table_4_label_noise.ts`; one row: `--only
 *   "80 %"`
 * - Machine: of the estimate: 2 × AMD EPYC, without a GPU; the paper names none
 * - Time: 12 hours for the first run, estimated; half of it without SAM
 * - Expected: 20 % wrong labels: 4.9 % with SAM, 15.2 % with SGD, 7.0 % with Mixup; 40 % wrong
 *   labels: 6.6 % with SAM, 31.2 % with SGD, 10.0 % with Mixup; 60 % wrong labels: 9.5 % with SAM,
 *   51.8 % with SGD, 16.2 % with Mixup; 80 % wrong labels: 22.1 % with SAM, 73.8 % with SGD, 29.8 %
 *   with Mixup
 *
 * The table's bootstrapping and MentorMix are methods of others, which are not here.
 */
import type { runs } from "sam";
import { CIFAR } from "./_settings.ts";

export default [0.2, 0.4, 0.6, 0.8].map((labelNoise): runs.Experiment => ({
  name: `Table 4: ResNet-32, ${100 * labelNoise} % wrong labels`,
  base: { ...CIFAR, dataset: "cifar10", model: "cifar_resnet_32", epochs: 200, labelNoise },
  variants: [
    { method: "SAM", config: { samRho: labelNoise === 0.8 ? 0.05 : 0.1 } },
    { method: "SGD", config: { samRho: 0 } },
    { method: "Mixup", config: { samRho: 0, batchAugmentation: "mixup" } },
  ],
  seeds: [0, 1, 2, 3, 4],
}));

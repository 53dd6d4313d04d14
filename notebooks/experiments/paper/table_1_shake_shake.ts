/**
 * Table 1, Shake-Shake (26 2x96d).
 *
 * - Command: `deno task sweep notebooks/experiments/paper/table_1_shake_shake.ts`; one row: `--only
 *   autoaugment`
 * - Machine: of the estimate: 2 × AMD EPYC, without a GPU; of the paper: 8 V100 (appendix C)
 * - Time: 5,800 hours for the first run, estimated; half of it without SAM
 * - Expected: basic: CIFAR-10 2.3 % with SAM and 2.7 % with SGD, CIFAR-100 15.1 % with SAM and 17.0
 *   % with SGD; cutout: CIFAR-10 2.0 % with SAM and 2.3 % with SGD, CIFAR-100 14.2 % with SAM and
 *   15.7 % with SGD; autoaugment: CIFAR-10 1.6 % with SAM and 1.9 % with SGD, CIFAR-100 12.8 % with
 *   SAM and 14.1 % with SGD
 *
 * The 1,800 epochs are those of AutoAugment (Cubuk et al. 2018) for this network; the table names none.
 */
import { row } from "./_settings.ts";

export default (["basic", "cutout", "autoaugment"] as const).map((augmentation) =>
  row({
    table: "Table 1",
    network: "Shake-Shake 26 2x96d",
    augmentation,
    base: { model: "shake_shake_26_2x96d", epochs: 1800, learningRate: 0.02, weightDecay: 1e-3 },
    datasets: {
      cifar10: { samRho: 0.02 },
      cifar100: { samRho: 0.05 },
    },
  })
);

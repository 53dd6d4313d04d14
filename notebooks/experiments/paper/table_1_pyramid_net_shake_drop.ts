/**
 * Table 1, PyramidNet with ShakeDrop.
 *
 * - Command: `deno task sweep notebooks/experiments/paper/table_1_pyramid_net_shake_drop.ts`; one
 *   row: `--only autoaugment`
 * - Machine: of the estimate: 2 × AMD EPYC, without a GPU; of the paper: 8 V100 (appendix C)
 * - Time: 6,900 hours for the first run, estimated; half of it without SAM
 * - Expected: basic: CIFAR-10 2.1 % with SAM and 2.5 % with SGD, CIFAR-100 13.3 % with SAM and 14.5
 *   % with SGD; cutout: CIFAR-10 1.6 % with SAM and 1.9 % with SGD, CIFAR-100 11.3 % with SAM and
 *   11.8 % with SGD; autoaugment: CIFAR-10 1.4 % with SAM and 1.6 % with SGD, CIFAR-100 10.3 % with
 *   SAM and 10.6 % with SGD
 *
 * The 1,800 epochs are those of AutoAugment (Cubuk et al. 2018) for this network; the table names none.
 */
import { row } from "./_settings.ts";

export default (["basic", "cutout", "autoaugment"] as const).map((augmentation) =>
  row({
    table: "Table 1",
    network: "PyramidNet+ShakeDrop",
    augmentation,
    base: { model: "pyramid_net_272_200_shake_drop", epochs: 1800, weightDecay: 5e-4 },
    datasets: {
      cifar10: { samRho: 0.05, learningRate: 0.02 },
      cifar100: { samRho: 0.05, learningRate: 0.05 },
    },
  })
);

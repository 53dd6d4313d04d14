/**
 * Table 1, PyramidNet.
 *
 * - Command: `deno task sweep notebooks/experiments/paper/table_1_pyramid_net.ts`; one row: `--only
 *   autoaugment`
 * - Machine: of the estimate: 2 × AMD EPYC, without a GPU; of the paper: 8 V100 (appendix C)
 * - Time: 6,900 hours for the first run, estimated; half of it without SAM
 * - Expected: basic: CIFAR-10 2.7 % with SAM and 4.0 % with SGD, CIFAR-100 14.6 % with SAM and 19.7
 *   % with SGD; cutout: CIFAR-10 1.9 % with SAM and 2.5 % with SGD, CIFAR-100 12.6 % with SAM and
 *   16.4 % with SGD; autoaugment: CIFAR-10 1.6 % with SAM and 1.9 % with SGD, CIFAR-100 11.6 % with
 *   SAM and 14.6 % with SGD
 *
 * The 1,800 epochs are those of AutoAugment (Cubuk et al. 2018) for this network; the table names none.
 */
import { row } from "./_settings.ts";

export default (["basic", "cutout", "autoaugment"] as const).map((augmentation) =>
  row({
    table: "Table 1",
    network: "PyramidNet",
    augmentation,
    base: { model: "pyramid_net_272_200", epochs: 1800, learningRate: 0.05, weightDecay: 5e-4 },
    datasets: {
      cifar10: { samRho: 0.05 },
      cifar100: { samRho: 0.2 },
    },
  })
);

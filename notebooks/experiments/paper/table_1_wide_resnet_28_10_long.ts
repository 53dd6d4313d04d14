/**
 * Table 1, WRN-28-10 for 1,800 epochs.
 *
 * - Command: `deno task sweep notebooks/experiments/paper/table_1_wide_resnet_28_10_long.ts`; one
 *   row: `--only autoaugment`
 * - Machine: of the estimate: 2 × AMD EPYC, without a GPU; of the paper: 8 V100 (appendix C)
 * - Time: 8,000 hours for the first run, estimated; half of it without SAM
 * - Expected: basic: CIFAR-10 2.4 % with SAM and 3.5 % with SGD, CIFAR-100 16.3 % with SAM and 19.1
 *   % with SGD; cutout: CIFAR-10 2.1 % with SAM and 2.7 % with SGD, CIFAR-100 14.0 % with SAM and
 *   17.4 % with SGD; autoaugment: CIFAR-10 1.6 % with SAM and 2.2 % with SGD, CIFAR-100 12.8 % with
 *   SAM and 16.1 % with SGD
 */
import { row } from "./_settings.ts";

export default (["basic", "cutout", "autoaugment"] as const).map((augmentation) =>
  row({
    table: "Table 1",
    network: "WRN-28-10, 1800 epochs",
    augmentation,
    base: { model: "wide_resnet_28_10", epochs: 1800, learningRate: 0.05, weightDecay: 1e-3 },
    datasets: {
      cifar10: { samRho: 0.05 },
      cifar100: { samRho: 0.1 },
    },
  })
);

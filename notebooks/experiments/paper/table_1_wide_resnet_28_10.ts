/**
 * Table 1, WRN-28-10 for 200 epochs.
 *
 * - Command: `deno task sweep notebooks/experiments/paper/table_1_wide_resnet_28_10.ts`; one row:
 *   `--only autoaugment`
 * - Machine: of the estimate: 2 × AMD EPYC, without a GPU; of the paper: 8 V100 (appendix C)
 * - Time: 890 hours for the first run, estimated; half of it without SAM
 * - Expected: basic: CIFAR-10 2.7 % with SAM and 3.5 % with SGD, CIFAR-100 16.5 % with SAM and 18.8
 *   % with SGD; cutout: CIFAR-10 2.3 % with SAM and 2.6 % with SGD, CIFAR-100 14.9 % with SAM and
 *   16.9 % with SGD; autoaugment: CIFAR-10 2.1 % with SAM and 2.3 % with SGD, CIFAR-100 13.6 % with
 *   SAM and 15.8 % with SGD
 */
import { row } from "./_settings.ts";

export default (["basic", "cutout", "autoaugment"] as const).map((augmentation) =>
  row({
    table: "Table 1",
    network: "WRN-28-10, 200 epochs",
    augmentation,
    base: { model: "wide_resnet_28_10", epochs: 200, learningRate: 0.1, weightDecay: 5e-4 },
    datasets: {
      cifar10: { samRho: 0.05 },
      cifar100: { samRho: 0.1 },
    },
  })
);

/**
 * Table 5, SVHN with its extra images, WRN-28-10.
 *
 * - Command: `deno task sweep notebooks/experiments/paper/table_5_svhn_wide_resnet.ts`; one row:
 *   `--only autoaugment`
 * - Machine: of the estimate: 2 × AMD EPYC, without a GPU; of the paper: 8 V100 (appendix C)
 * - Time: 11,000 hours for the first run, estimated; half of it without SAM
 * - Expected: basic: SVHN 1.42 % with SAM and 1.58 % with SGD; autoaugment: SVHN 0.99 % with SAM
 *   and 1.14 % with SGD
 */
import { row } from "./_settings.ts";

export default (["basic", "autoaugment"] as const).map((augmentation) =>
  row({
    table: "Table 5",
    network: "WRN-28-10, SVHN",
    augmentation,
    base: { model: "wide_resnet_28_10", epochs: 200, learningRate: 0.01, weightDecay: 5e-4 },
    datasets: {
      svhn: { samRho: 0.01 },
    },
  })
);

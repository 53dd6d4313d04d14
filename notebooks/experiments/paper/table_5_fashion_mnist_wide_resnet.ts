/**
 * Table 5, Fashion-MNIST, WRN-28-10.
 *
 * - Command: `deno task sweep notebooks/experiments/paper/table_5_fashion_mnist_wide_resnet.ts`;
 *   one row: `--only cutout`
 * - Machine: of the estimate: 2 × AMD EPYC, without a GPU; of the paper: 8 V100 (appendix C)
 * - Time: 820 hours for the first run, estimated; half of it without SAM
 * - Expected: basic: Fashion-MNIST 3.98 % with SAM and 4.57 % with SGD; cutout: Fashion-MNIST 3.61
 *   % with SAM and 3.86 % with SGD
 */
import { row } from "./_settings.ts";

export default (["basic", "cutout"] as const).map((augmentation) =>
  row({
    table: "Table 5",
    network: "WRN-28-10, Fashion-MNIST",
    augmentation,
    base: { model: "wide_resnet_28_10", epochs: 200, learningRate: 0.1, weightDecay: 5e-4 },
    datasets: {
      fashion_mnist: { samRho: 0.05 },
    },
  })
);

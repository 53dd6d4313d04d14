/**
 * Table 5, Fashion-MNIST, Shake-Shake (26 2x96d).
 *
 * - Command: `deno task sweep notebooks/experiments/paper/table_5_fashion_mnist_shake_shake.ts`;
 *   one row: `--only cutout`
 * - Machine: of the estimate: 2 × AMD EPYC, without a GPU; of the paper: 8 V100 (appendix C)
 * - Time: 590 hours for the first run, estimated; half of it without SAM
 * - Expected: basic: Fashion-MNIST 3.97 % with SAM and 4.37 % with SGD; cutout: Fashion-MNIST 3.59
 *   % with SAM and 3.76 % with SGD
 *
 * The table names no number of epochs: 200 as for its other networks.
 */
import { row } from "./_settings.ts";

export default (["basic", "cutout"] as const).map((augmentation) =>
  row({
    table: "Table 5",
    network: "Shake-Shake 26 2x96d, Fashion-MNIST",
    augmentation,
    base: { model: "shake_shake_26_2x96d", epochs: 200, learningRate: 0.1, weightDecay: 5e-4 },
    datasets: {
      fashion_mnist: { samRho: 0.02 },
    },
  })
);

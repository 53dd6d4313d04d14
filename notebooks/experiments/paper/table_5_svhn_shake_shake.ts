/**
 * Table 5, SVHN with its extra images, Shake-Shake (26 2x96d).
 *
 * - Command: `deno task sweep notebooks/experiments/paper/table_5_svhn_shake_shake.ts`; one row:
 *   `--only autoaugment`
 * - Machine: of the estimate: 2 × AMD EPYC, without a GPU; of the paper: 8 V100 (appendix C)
 * - Time: 7,800 hours for the first run, estimated; half of it without SAM
 * - Expected: basic: SVHN 1.44 % with SAM and 1.58 % with SGD; autoaugment: SVHN 1.07 % with SAM
 *   and 1.03 % with SGD
 *
 * The table names no number of epochs: 200 as for its other networks.
 */
import { row } from "./_settings.ts";

export default (["basic", "autoaugment"] as const).map((augmentation) =>
  row({
    table: "Table 5",
    network: "Shake-Shake 26 2x96d, SVHN",
    augmentation,
    base: { model: "shake_shake_26_2x96d", epochs: 200, learningRate: 0.01, weightDecay: 5e-4 },
    datasets: {
      svhn: { samRho: 0.01 },
    },
  })
);

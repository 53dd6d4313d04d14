/**
 * Table 3, finetuning of EfficientNet-B7.
 *
 * - Command: `deno task sweep notebooks/experiments/paper/table_3_efficientnet_b7.ts`; one row:
 *   `--only cifar10`
 * - Machine: of the estimate: 2 × AMD EPYC, without a GPU; of the paper: TPUv3 with 64 cores
 * - Time: 3,300 hours for the first run, estimated; half of it without SAM
 * - Expected: ImageNet: 15.14 % with SAM and 15.30 % without; CIFAR-10: 0.88 % with SAM and 0.95 %
 *   without; CIFAR-100: 7.44 % with SAM and 7.68 % without
 *
 * The checkpoint is to be put where `initFrom` says. Batch size, learning rate, decay and epochs are
 * from memory of appendix C, and not compared with its text: check them before a long run.
 */
import type { runs } from "sam";

export default ["imagenet", "cifar10", "cifar100"].map((dataset): runs.Experiment => ({
  name: `Table 3: EfficientNet-B7, ${dataset}`,
  base: {
    dataset,
    model: "efficientnet_b7",
    initFrom: "checkpoints/efficientnet_b7",
    epochs: dataset === "imagenet" ? 4 : 100,
    batchSize: 1024,
    // A core's share of the batch.
    m: 16,
    learningRate: 0.016,
    schedule: "cosine",
    weightDecay: 1e-5,
    augmentation: dataset === "imagenet" ? "autoaugment" : "basic",
  },
  variants: [
    { method: "SAM", config: { samRho: 0.05 } },
    { method: "SGD", config: { samRho: 0 } },
  ],
  seeds: [0],
}));

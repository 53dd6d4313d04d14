import { augmentationOf, batchAugmentationOf, datasetOf } from "../data/mod.ts";
import { buildModel } from "../models/mod.ts";
import { named } from "./_named.ts";
import { ConfigError, withDefaults } from "./config.ts";
import type { TrainConfig } from "./train_config.ts";

/**
 * A whole configuration from what is given of it, with all that can be known of it before the data are
 * read.
 *
 * ```ts
 * import { train } from "sam";
 *
 * console.log(train.configOf({ samRho: 0.1 }).epochs); // 200, the default
 * ```
 *
 * @throws ConfigError for what is no record of entries, an entry that there is not, a name or value that it cannot have, and entries
 *   that cannot work together
 */
export function configOf(given: Partial<TrainConfig>): TrainConfig {
  const config = withDefaults(given);
  for (const rule of RULES) rule(config);
  return config;
}

const RULES: readonly ((config: TrainConfig) => void)[] = [
  requireDataset,
  requireModel,
  requireAugmentations,
  requireGroups,
  requireEpochs,
];

function requireDataset({ dataset }: TrainConfig): void {
  named("dataset", () => datasetOf(dataset));
}

/** Of any number of classes: that the data will tell. */
function requireModel(
  { model, freezeBatchNorm, additionalSkipConnections }: TrainConfig,
): void {
  const options = { frozenBatchNorm: freezeBatchNorm, additionalSkipConnections };
  named("model", () => buildModel(model, { classes: 2, ...options }));
}

/** Names in turn which entry is to blame. */
function requireAugmentations(
  { augmentation, batchAugmentation, cutoutLength, mixupAlpha }: TrainConfig,
): void {
  named("augmentation", () => augmentationOf(augmentation));
  named("batchAugmentation", () => batchAugmentationOf(batchAugmentation));
  named("cutoutLength", () => batchAugmentationOf(batchAugmentation, { cutoutLength }));
  named("mixupAlpha", () => batchAugmentationOf(batchAugmentation, { cutoutLength, mixupAlpha }));
}

/** Groups divide the batch, those that climb together too, and micro-batches divide a group. */
function requireGroups(
  { m, batchSize, syncPerturbations, innerGroupSize, microBatchSize }: TrainConfig,
): void {
  if (m !== "none" && batchSize % m !== 0) {
    throw new ConfigError(
      "m",
      `Cannot split a batch of ${batchSize} examples into groups of m = ${m}: m must divide the ` +
        "batch size",
    );
  }
  const group = m === "none" ? batchSize : m;
  if (innerGroupSize !== "none") {
    const problem = !syncPerturbations
      ? "nothing climbs together without --sync-perturbations"
      : (batchSize / group) % innerGroupSize !== 0
      ? `it must divide the ${batchSize / group} groups of the batch`
      : undefined;
    if (problem !== undefined) {
      throw new ConfigError(
        "innerGroupSize",
        `Cannot let ${innerGroupSize} groups climb together: ${problem}`,
      );
    }
  }
  if (microBatchSize !== "none" && group % microBatchSize !== 0) {
    throw new ConfigError(
      "microBatchSize",
      `Cannot accumulate micro-batches of ${microBatchSize} examples: that must divide the ${group} ` +
        "that are normalised together",
    );
  }
}

function requireEpochs({ additionalCheckpointsAtEpochs, epochs }: TrainConfig): void {
  const never = additionalCheckpointsAtEpochs.find((epoch) => epoch >= epochs);
  if (never === undefined) return;
  throw new ConfigError(
    "additionalCheckpointsAtEpochs",
    `Cannot keep a checkpoint after ${never} epochs: it must be < ${epochs}, the epochs of the run, ` +
      "whose last checkpoint is kept in any case",
  );
}

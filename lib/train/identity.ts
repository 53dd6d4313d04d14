import { isDeepStrictEqual } from "node:util";
import { sha256Of } from "../system/mod.ts";
import { defaultConfig, KEEPING } from "./config.ts";
import type { TrainConfig } from "./train_config.ts";

/**
 * What tells a run from every other: 12 hex digits of the sha256 of its configuration. Another
 * value of any entry gives another identity; an entry that a later version adds does not, as long
 * as it has its default, and neither does what changes only how a run is kept.
 *
 * ```ts
 * import { train } from "sam";
 *
 * const [one, other] = [0.05, 0.1].map((samRho) => train.runId(train.configOf({ samRho })));
 * console.log(one === other); // false
 * ```
 */
export function runId(config: TrainConfig): string {
  return sha256Of([JSON.stringify(changesOf(config))]).slice(0, 12);
}

/**
 * The folder of a run below the output folder: learning rate, weight decay, ρ and seed as the
 * reference's `train.py` names them, and the identity, for all the rest.
 *
 * ```ts
 * import { train } from "sam";
 *
 * const folder = train.runFolder(train.configOf({ samRho: 0.1 }));
 * console.log(folder); // synthetic/wide_resnet_16_4/lr_0.1/wd_0.0005/rho_0.1/seed_0-…
 * ```
 */
export function runFolder(config: TrainConfig): string {
  const { dataset, model, labelNoise, learningRate, weightDecay, samRho, seed } = config;
  return [
    folderName(dataset),
    model,
    ...labelNoise === 0 ? [] : [`noise_${labelNoise}`],
    `lr_${learningRate}`,
    `wd_${weightDecay}`,
    `rho_${samRho}`,
    `seed_${seed}-${runId(config)}`,
  ].join("/");
}

/**
 * A data set's name as that of one folder: `folder:../pets` is `folder_pets`.
 *
 * ```ts
 * import { train } from "sam";
 *
 * console.log(train.folderName("folder:../pets")); // folder_pets
 * ```
 */
export function folderName(dataset: string): string {
  return dataset.replaceAll(/[^A-Za-z0-9_-]+/g, "_");
}

/** The entries that tell a run from others: all but those of how it is kept. */
export function identifying(config: TrainConfig): Partial<TrainConfig> {
  const kept: readonly string[] = KEEPING;
  return Object.fromEntries(Object.entries(config).filter(([name]) => !kept.includes(name)));
}

/**
 * Those of them that differ from the defaults, by name.
 *
 * ```ts
 * import { train } from "sam";
 *
 * console.log(train.changesOf(train.configOf({ samRho: 0.1, epochs: 200 }))); // { samRho: 0.1 }
 * ```
 */
export function changesOf(config: TrainConfig): Partial<TrainConfig> {
  const defaults: Record<string, unknown> = { ...defaultConfig };
  const changes = Object.entries(identifying(config))
    .filter(([name, value]) => value !== undefined && !isDeepStrictEqual(value, defaults[name]))
    .sort(([a], [b]) => a < b ? -1 : 1);
  return Object.fromEntries(changes);
}

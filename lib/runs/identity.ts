import { sha256Of } from "../system/mod.ts";
import { defaultConfig, folderName, KEEPING, methodOf, type TrainConfig } from "../train/mod.ts";

/**
 * What tells a run from every other: 12 hex digits of the sha256 of its configuration. Another
 * value of any entry gives another identity; an entry that a later version adds does not, as long
 * as it has its default, and neither does what changes only how a run is kept.
 */
export function runId(config: TrainConfig): string {
  return sha256Of([JSON.stringify(changesOf(config))]).slice(0, 12);
}

/** The folder of a run below the output folder: what a reader looks for, and the identity. */
export function runPath(config: TrainConfig): string {
  const { dataset, model, labelNoise, samRho, seed } = config;
  const parts = [
    methodOf(config).toLowerCase().replaceAll(/[^a-z0-9]+/g, "_"),
    ...samRho === 0 ? [] : [`rho_${samRho}`],
    ...labelNoise === 0 ? [] : [`noise_${labelNoise}`],
    `seed_${seed}`,
    runId(config),
  ];
  return `${folderName(dataset)}/${model}/${parts.join("-")}`;
}

/** The entries that differ from the defaults, by name, without how the run is kept. */
export function changesOf(config: TrainConfig): Partial<TrainConfig> {
  const defaults: Record<string, unknown> = { ...defaultConfig };
  const kept: readonly string[] = KEEPING;
  const changes = Object.entries(config)
    .filter(([name, value]) =>
      !kept.includes(name) && value !== undefined && value !== defaults[name]
    )
    .sort(([a], [b]) => a < b ? -1 : 1);
  return Object.fromEntries(changes);
}

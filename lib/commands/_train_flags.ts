import { augmentationNames, batchAugmentationNames, datasetNames } from "../data/mod.ts";
import { modelNames } from "../models/mod.ts";
import type { Entries } from "../schema/mod.ts";
import { configEntries, type TrainConfig } from "../train/mod.ts";

/** Flags of a run's configuration, one for each entry. */
export const configFlags: Entries = Object.fromEntries(
  Object.entries(configEntries).map(([key, entry]) => [nameOf(key), entry]),
);

/** What those of them know that name things. */
export const configNames = {
  "dataset": datasetNames,
  "model": modelNames,
  "augmentation": augmentationNames,
  "batch-augmentation": batchAugmentationNames,
} as const;

/** What was given, by entry. */
export function entriesOf(given: Readonly<Record<string, unknown>>): Partial<TrainConfig> {
  const keys = Object.keys(configEntries).filter((key) => given[nameOf(key)] !== undefined);
  return Object.fromEntries(keys.map((key) => [key, given[nameOf(key)]]));
}

/** The flag that sets an entry of the configuration; undefined for an entry of another version. */
export function flagOf(key: string): string | undefined {
  return Object.hasOwn(configEntries, key) ? nameOf(key) : undefined;
}

/** The flag of an entry: `samRho` is `sam-rho`. */
export function nameOf(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

import { modelImageSize } from "../models/mod.ts";
import { ConfigError, withDefaults } from "./config.ts";
import type { TrainConfig } from "./train_config.ts";

/** Entries that earlier versions switched off by 0. */
const ZERO_WAS_NONE = ["emaDecay", "m", "gradientClipping", "saveProgressSeconds"] as const;

/**
 * A configuration from a run's `config.json` or a record, of this version or an earlier one. An entry
 * that the run's version did not know had the effect of today's default.
 *
 * ```ts
 * import { train } from "sam";
 *
 * console.log(train.fromStored({ samRho: 0.1, m: 0 }).m); // none, which an earlier version wrote as 0
 * ```
 *
 * @throws ConfigError for entries and values that no version wrote, and for an EfficientNet of versions
 *   that brought images to no size of its own: they wrote "no" or "yes" for whether batch norm is frozen,
 *   which concerns no other network
 */
export function fromStored(stored: Readonly<Record<string, unknown>>): TrainConfig {
  const entries: Record<string, unknown> = { ...stored };
  for (const name of ZERO_WAS_NONE) if (entries[name] === 0) entries[name] = "none";
  const { freezeBatchNorm, syncBatchNorm, model } = entries;
  if (typeof syncBatchNorm === "string") entries.syncBatchNorm = syncBatchNorm === "yes";
  if (typeof freezeBatchNorm === "string") {
    if (modelImageSize(`${model}`) !== undefined) {
      throw new ConfigError(
        "freezeBatchNorm",
        `it is a run of ${model} by an older version, which trained EfficientNets on images of other ` +
          "sizes",
      );
    }
    delete entries.freezeBatchNorm;
  }
  return withDefaults(entries);
}

import { ConfigError } from "./config.ts";
import type { TrainConfig } from "./train_config.ts";

/** What an entry of the configuration names. */
export function named<T>(key: keyof TrainConfig, find: () => T): T {
  try {
    return find();
  } catch (error) {
    throw error instanceof RangeError ? new ConfigError(key, error.message) : error;
  }
}

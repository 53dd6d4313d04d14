/** A run's `config.json`. @module */
import { join } from "node:path";
import { ConfigError } from "./config.ts";
import type { TrainConfig } from "./train_config.ts";
import { readIfThere, writeDurably, writing } from "../system/mod.ts";
import { fromStored } from "./stored_config.ts";

export const CONFIG_FILE = "config.json";

/** A run cannot go on in the folder of a run with another configuration. */
export class ConfigMismatchError extends Error {
  override readonly name = "ConfigMismatchError";
  /** The first entry that differs. */
  readonly key: string;

  constructor(key: string, message: string) {
    super(message);
    this.key = key;
  }
}

/** Writes a configuration, or the entries of an own task, into a run's folder. */
export async function writeConfig(folder: string, config: object): Promise<void> {
  const path = join(folder, CONFIG_FILE);
  const json = JSON.stringify(config, undefined, 2) + "\n";
  await writing(path, () => writeDurably(path, [new TextEncoder().encode(json)]));
}

/**
 * The configuration of the run in a folder; undefined if there is none.
 *
 * @throws Deno.errors.InvalidData if it is damaged
 * @throws ConfigMismatchError if it is of a version whose runs this one cannot go on with
 */
export async function readConfig(folder: string): Promise<TrainConfig | undefined> {
  const stored = await readEntries(folder);
  if (stored === undefined) return undefined;
  try {
    return fromStored(stored);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigMismatchError(
      error.key,
      `Cannot go on with the run of ${
        join(folder, CONFIG_FILE)
      }: ${error.message}. Choose another ` +
        "output folder, or restart",
    );
  }
}

/**
 * The entries of `config.json` in a folder, whoever wrote them; undefined if there is none.
 *
 * @throws Deno.errors.InvalidData if it is damaged
 */
export async function readEntries(folder: string): Promise<Record<string, unknown> | undefined> {
  const path = join(folder, CONFIG_FILE);
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  const unusable = (found: string, cause?: unknown) =>
    new Deno.errors.InvalidData(
      `Cannot go on with the run of ${path}: it is ${found}. Restart, or choose another output folder`,
      { cause },
    );
  let stored: unknown;
  try {
    stored = JSON.parse(text);
  } catch (cause) {
    throw unusable("not JSON", cause);
  }
  if (typeof stored !== "object" || stored === null || Array.isArray(stored)) {
    throw unusable("no configuration");
  }
  return { ...stored };
}

/** What commands about a trained network have in common. @module */
import { boolean, type Entries, entry, optionalEntry, requiredEntry, text } from "../schema/mod.ts";
import { downloadProgress, streamOutput } from "../terminal/mod.ts";
import { ConfigError, ConfigMismatchError, openTrained, type TrainedModel } from "../train/mod.ts";
import { UsageError } from "./_flags.ts";
import { fromReference } from "./_reference_flags.ts";
import { entriesOf, flagOf } from "./_train_flags.ts";

/** Which checkpoint is taken, and where data are. */
export const trainedFlags = {
  "checkpoint": requiredEntry(text(), "Folder of a run, or file: ours, FLAX's, TensorFlow's"),
  "last": entry(boolean(), "The last parameters, where a moving average was kept", false),
  "data-dir": optionalEntry(
    text(),
    "Folder of the data sets (default SAM_DATA_DIR, else data)",
  ),
  "no-download": entry(boolean(), "Fail where data are missing", false),
} satisfies Entries;

/** For the help. */
export const ABOUT_CHECKPOINTS =
  `Model and data set are those of the run, whose config.json lies beside its checkpoints; other
checkpoints need --model and --dataset, whose names are in train's help. Every flag of train takes
the place of the run's setting.`;

/** The values of {@linkcode trainedFlags}. */
interface Given {
  readonly checkpoint: string;
  readonly last: boolean;
  readonly "data-dir"?: string | undefined;
  readonly "no-download": boolean;
}

/**
 * Opens the checkpoint that a command line names.
 *
 * @throws UsageError for settings that cannot be
 */
export async function openGiven(
  given: Given,
  settings: Readonly<Record<string, unknown>>,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<TrainedModel> {
  const { checkpoint, last, "data-dir": dataDir, "no-download": noDownload } = given;
  try {
    return await openTrained(checkpoint, entriesOf(fromReference(settings)), {
      ...last && { average: false },
      ...dataDir !== undefined && { dataDir },
      download: !noDownload,
      onDownload: downloadProgress(streamOutput(Deno.stderr)),
      signal,
    });
  } catch (error) {
    if (error instanceof ConfigError || error instanceof ConfigMismatchError) {
      throw new UsageError(`--${flagOf(error.key) ?? "checkpoint"}: ${error.message}`);
    }
    throw error;
  }
}

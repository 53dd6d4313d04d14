import { boolean, choice, entry } from "../schema/mod.ts";
import { alignColumns, type Output, printer, streamOutput } from "../terminal/mod.ts";
import { assess, type Assessment, type TrainedModel, watchInterrupts } from "../train/mod.ts";
import { readCommandLine } from "./_command.ts";
import { referenceFlags } from "./_reference_flags.ts";
import { configFlags, configNames } from "./_train_flags.ts";
import { ABOUT_CHECKPOINTS, openGiven, trainedFlags } from "./_trained_flags.ts";

export const command = {
  name: "eval",
  about: `Evaluates a checkpoint on a data set: loss, top-1 and top-5 error, calibration.
${ABOUT_CHECKPOINTS}`,
  settings: configFlags,
  names: configNames,
  aliases: referenceFlags,
  flags: {
    ...trainedFlags,
    "split": entry(
      choice("test", "train"),
      "Examples; of --evaluate-on validation those",
      "test",
    ),
    "json": entry(boolean(), "As JSON, with the bins of the calibration", false),
  },
  after:
    `The loss is the mean cross-entropy without label smoothing. The expected calibration error is that
of Guo et al. 2017 (equation 3), with 15 bins of the confidence.`,
};

/**
 * The command `eval`.
 *
 * @returns the exit code
 * @throws UsageError for a command line that cannot be carried out
 */
export async function evalCommand(args: readonly string[], output: Output): Promise<number> {
  const given = readCommandLine(command, args, output);
  if (given === undefined) return 0;
  using interrupt = watchInterrupts(printer(streamOutput(Deno.stderr)));
  const { signal } = interrupt;
  try {
    using trained = await openGiven(given.flags, given.settings, { signal });
    const { split } = given.flags;
    const assessment = await assess(trained, { split, signal });
    const print = printer(output);
    if (given.flags.json) print(JSON.stringify(report(trained, split, assessment)));
    else rowsOf(trained, split, assessment).forEach((line) => print(line));
    return 0;
  } catch (error) {
    if (signal.aborted && error === signal.reason) return interrupt.exitCode;
    throw error;
  }
}

function report({ path, isAverage, config }: TrainedModel, split: string, found: Assessment) {
  const { dataset, model, evaluateOn } = config;
  const part = split === "test" && evaluateOn === "validation" ? evaluateOn : split;
  return { checkpoint: path, isAverage, model, dataset, split: part, ...found };
}

function rowsOf(trained: TrainedModel, split: string, found: Assessment): string[] {
  const { checkpoint, isAverage, model, dataset, split: part } = report(trained, split, found);
  const percent = (fraction: number) => `${(100 * fraction).toFixed(2)} %`;
  return alignColumns([
    ["checkpoint", `${checkpoint}${isAverage ? " (moving average)" : ""}`],
    ["model", model],
    ["data", `${dataset}, ${part}: ${found.examples} examples`],
    ["loss", found.loss.toFixed(4)],
    ["top-1 error", percent(found.error)],
    ...found.top5Error === undefined ? [] : [["top-5 error", percent(found.top5Error)]],
    ["expected calibration error", percent(found.calibration.error)],
  ], () => false);
}

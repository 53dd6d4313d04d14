import { dirname } from "node:path";
import { inferenceGraph, writeFlax, writeGraphModel, writeSavedModel } from "../export/mod.ts";
import { choice, requiredEntry, text } from "../schema/mod.ts";
import { writing } from "../system/mod.ts";
import { type Output, printer } from "../terminal/mod.ts";
import { readCommandLine } from "./_command.ts";
import { UsageError } from "./_flags.ts";
import { referenceFlags } from "./_reference_flags.ts";
import { configFlags, configNames } from "./_train_flags.ts";
import { ABOUT_CHECKPOINTS, openGiven, trainedFlags } from "./_trained_flags.ts";

export const command = {
  name: "export",
  about: `Writes a trained network for other programs.
${ABOUT_CHECKPOINTS}`,
  settings: configFlags,
  names: configNames,
  aliases: referenceFlags,
  flags: {
    ...trainedFlags,
    "to": requiredEntry(choice("flax", "savedmodel", "tfjs"), "The form, see below"),
    "output": requiredEntry(text(), "The file of flax, or the folder of the others"),
  },
  after: `flax: for flax.serialization.msgpack_restore: params and batch_stats, layers named as in
google-research/sam. savedmodel: for tf.saved_model.load and TensorFlow Serving. tfjs: a graph model
for tf.loadGraphModel in browsers. Both take images, float32 [batch, height, width, channels] of any
batch, normalised as the data set's, and give logits [batch, classes].`,
};

/**
 * The command `export`.
 *
 * @returns the exit code
 * @throws UsageError for a command line that cannot be carried out
 */
export async function exportCommand(args: readonly string[], output: Output): Promise<number> {
  const given = readCommandLine(command, args, output);
  if (given === undefined) return 0;
  const { to, output: target } = given.flags;
  if (await Deno.stat(target).then(() => true, () => false)) {
    throw new UsageError(`Cannot write ${target}: something is there; name another place`);
  }
  using trained = await openGiven(given.flags, given.settings);
  const { model, variables, source: { shape, mean, standardDeviation } } = trained;
  try {
    if (to === "flax") {
      await writing(target, () => Deno.mkdir(dirname(target), { recursive: true }));
      await writeFlax(target, variables);
    } else {
      const graph = inferenceGraph(model, variables, shape);
      await (to === "savedmodel" ? writeSavedModel : writeGraphModel)(target, graph);
    }
  } catch (error) {
    // Nothing was there before: the same command shall find it so again.
    await Deno.remove(target, { recursive: true }).catch(() => {});
    throw error;
  }
  const print = printer(output);
  print(`Wrote ${trained.path} to ${target}`);
  print(
    `Images are [batch, ${shape.join(", ")}], pixels in [0, 1] minus ${
      mean.join(", ")
    }, divided by ` +
      standardDeviation.join(", "),
  );
  return 0;
}

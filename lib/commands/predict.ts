import { statSync } from "node:fs";
import { extname, join } from "node:path";
import { boolean, entry, integer, repeated, text } from "../schema/mod.ts";
import { alignColumns, type Output, printer } from "../terminal/mod.ts";
import { predict, type Prediction } from "../train/mod.ts";
import { readCommandLine } from "./_command.ts";
import { UsageError } from "./_flags.ts";
import { referenceFlags } from "./_reference_flags.ts";
import { configFlags, configNames } from "./_train_flags.ts";
import { ABOUT_CHECKPOINTS, openGiven, trainedFlags } from "./_trained_flags.ts";

export const command = {
  name: "predict",
  about:
    `Tells the likeliest classes of images, and how likely they are. Of folders all images are taken.
${ABOUT_CHECKPOINTS}`,
  operands: { images: entry(repeated(text()), "image files and folders", []) },
  settings: configFlags,
  names: configNames,
  aliases: referenceFlags,
  flags: {
    ...trainedFlags,
    "count": entry(integer({ min: 1 }), "Classes of each image", 5),
    "json": entry(boolean(), "A line of JSON for each image", false),
  },
  after:
    `The data set gives the classes' names, and how images are prepared: as those that are evaluated.`,
};

const IMAGES = [".jpg", ".jpeg", ".png", ".gif", ".bmp"];

/**
 * The command `predict`.
 *
 * @returns the exit code
 * @throws UsageError for a command line that cannot be carried out
 */
export async function predictCommand(args: readonly string[], output: Output): Promise<number> {
  const given = readCommandLine(command, args, output);
  if (given === undefined) return 0;
  const paths = given.operands.images.flatMap(imagesAt);
  if (paths.length === 0) {
    throw new UsageError("Name image files, or folders with images; see --help");
  }
  using trained = await openGiven(given.flags, given.settings);
  const found = await predict(trained, paths, { count: given.flags.count });
  const print = printer(output);
  for (const [index, predictions] of found.entries()) {
    const image = paths[index]!;
    if (given.flags.json) print(JSON.stringify({ image, predictions }));
    else [image, ...rowsOf(predictions)].forEach((line) => print(line));
  }
  return 0;
}

function rowsOf(predictions: readonly Prediction[]): string[] {
  const rows = predictions.map(({ class: name, probability }) => [
    `  ${name}`,
    `${(100 * probability).toFixed(2)} %`,
  ]);
  return alignColumns(rows, (column) => column > 0);
}

/** A file, or the images in a folder and below, in the order of their names. */
function imagesAt(path: string): string[] {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there === undefined) throw new UsageError(`Cannot read ${path}: there is no such file`);
  if (!there.isDirectory()) return [path];
  const entries = Array.from(Deno.readDirSync(path)).sort((a, b) => a.name < b.name ? -1 : 1);
  return entries.flatMap(({ name, isDirectory }) => {
    if (isDirectory) return imagesAt(join(path, name));
    return IMAGES.includes(extname(name).toLowerCase()) ? [join(path, name)] : [];
  });
}

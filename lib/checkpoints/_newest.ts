import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CheckpointError } from "./types.ts";

/** The names of one format's checkpoints, with their number. */
interface Format {
  readonly name: string;
  readonly pattern: RegExp;
}

const FORMATS: readonly Format[] = [
  { name: "FLAX's", pattern: /^checkpoint_(\d+)$/ },
  { name: "safetensors", pattern: /^checkpoint_(\d+)\.safetensors$/ },
  { name: "TensorFlow's", pattern: /^(?:.*\D)?(\d*)\.index$/ },
];

/**
 * The path of the newest checkpoint in a folder: that of the greatest number, as epochs and steps
 * count up; of TensorFlow's that which its file `checkpoint` names, where there is one.
 *
 * @throws {CheckpointError} if there is none, or several are equally new or of different formats
 */
export function newestCheckpoint(folder: string): string {
  const names = readdirSync(folder);
  const marked = markedCheckpoint(folder);
  const found = FORMATS.flatMap(({ name, pattern }) =>
    newestOf(names, pattern, marked).map((file) => ({ name, file }))
  );
  if (found.length === 1) return join(folder, found[0]!.file);
  if (found.length === 0) {
    throw new CheckpointError(
      `Cannot read ${folder}: the folder has no checkpoint_<number>, ` +
        "checkpoint_<number>.safetensors or <name>.index; name a file",
    );
  }
  throw new CheckpointError(
    `Cannot choose a checkpoint in ${folder}: there are ` +
      `${found.map(({ name, file }) => `${name} ${file}`).join(" and ")}; name the file`,
  );
}

/** Those of the greatest number, or the one that is marked. */
function newestOf(
  names: readonly string[],
  pattern: RegExp,
  marked: string | undefined,
): readonly string[] {
  const numberOf = (file: string) => Number(pattern.exec(file)![1]);
  const files = names.filter((file) => pattern.test(file));
  if (marked !== undefined && files.includes(marked)) return [marked];
  const greatest = Math.max(...files.map(numberOf));
  return files.filter((file) => numberOf(file) === greatest);
}

/** What `tf.train.latest_checkpoint` reads: the last one that was written. */
function markedCheckpoint(folder: string): string | undefined {
  const path = join(folder, "checkpoint");
  if (!existsSync(path)) return undefined;
  const name = /^model_checkpoint_path: "([^"]+)"/m.exec(readFileSync(path, "utf8"))?.[1];
  // In a folder that was copied from elsewhere, the path in the file means nothing.
  const file = name?.split(/[\\/]/).at(-1);
  return file !== undefined && existsSync(join(folder, `${file}.index`))
    ? `${file}.index`
    : undefined;
}

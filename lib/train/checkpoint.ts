/**
 * Checkpoints: safetensors files `checkpoint_<epoch>.safetensors` in a run's folder, readable with
 * Python's library too; those that are kept are `additional_checkpoint_<epoch>.safetensors`. A file
 * appears under its name only when it is whole and on the disk, and carries a sha256 of itself and the
 * number of its format. One process at a time writes to a folder.
 */
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { reasonOf, sha256Of, writeDurably } from "../system/mod.ts";
import { decodeSafetensors, encodeSafetensors, type NamedArrays } from "../checkpoints/mod.ts";

/** What a checkpoint holds. */
export interface CheckpointContents {
  /** Epochs done. */
  readonly epoch: number;
  /** Optimizer steps done. */
  readonly step: number;
  readonly arrays: NamedArrays;
  /** Whatever else is needed to go on, as text. The names epoch, step, format and sha256 are taken. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A checkpoint read from `path`. */
export interface Checkpoint extends Required<CheckpointContents> {
  readonly path: string;
}

const FILE_NAME = /^checkpoint_(0|[1-9]\d*)\.safetensors$/;
const TEMPORARY_NAME = /^(?:additional_)?checkpoint_\d+\.safetensors\.tmp$/;
/**
 * Number of the format: what a run's checkpoint holds, and what that means. Files without it are of
 * the first. The entries `format` and `sha256` mean the same in all.
 */
const FORMAT = 2;
/** Stands in the header for the digest while the digest is taken. */
const NO_DIGEST = "0".repeat(64);
/** Quotes inside JSON strings are escaped, so this occurs in a header only as the true entry. */
const DIGEST_ENTRY = '"sha256":"';

/**
 * Writes a checkpoint: to a temporary name, flushed to the disk, then renamed. Afterwards the
 * folder holds the `keep` latest checkpoints up to this epoch; later ones (of a run that was
 * abandoned) and temporary files of killed processes are removed. On any failure the checkpoints
 * that were there stay as they were. The arrays are read until the promise settles and remain the
 * caller's.
 *
 * ```ts
 * import { train } from "sam";
 *
 * const folder = await Deno.makeTempDir();
 * const w = { dtype: "F32", shape: [2], data: Float32Array.of(1, 2) } as const;
 * await train.saveCheckpoint(folder, { epoch: 1, step: 10, arrays: { w } });
 * const { arrays } = (await train.latestCheckpoint(folder))!;
 * console.log(arrays.w!.data); // 1, 2
 * ```
 *
 * @returns The file's path.
 */
export async function saveCheckpoint(
  folder: string,
  contents: CheckpointContents,
  { keep = 2 }: { keep?: number } = {},
): Promise<string> {
  const { epoch } = contents;
  const path = join(folder, `checkpoint_${epoch}.safetensors`);
  if (!Number.isSafeInteger(keep) || keep < 1) {
    throw new RangeError(`Cannot save ${path} and keep ${keep} checkpoints: keep must be >= 1`);
  }
  await write(folder, path, contents);
  const kept = (await listEpochs(folder, { folders: false })).filter((other) => other <= epoch)
    .slice(0, keep);
  await removeWhere(folder, (name) => {
    const match = FILE_NAME.exec(name);
    return match !== null && !kept.includes(Number(match[1]));
  });
  return path;
}

/**
 * Writes a checkpoint as {@linkcode saveCheckpoint} does, under a name that no later one removes and
 * from which no run is resumed.
 *
 * ```ts
 * import { train } from "sam";
 *
 * const folder = await Deno.makeTempDir();
 * await train.saveAdditionalCheckpoint(folder, { epoch: 0, step: 0, arrays: {} });
 * console.log(await train.latestCheckpoint(folder)); // undefined
 * ```
 *
 * @returns The file's path.
 */
export async function saveAdditionalCheckpoint(
  folder: string,
  contents: CheckpointContents,
): Promise<string> {
  const path = join(folder, `additional_checkpoint_${contents.epoch}.safetensors`);
  await write(folder, path, contents);
  return path;
}

async function write(
  folder: string,
  path: string,
  { epoch, step, arrays, metadata = {} }: CheckpointContents,
): Promise<void> {
  if (!Number.isSafeInteger(epoch) || epoch < 0) {
    throw new RangeError(`Cannot save ${path}: the epoch must be a whole number >= 0`);
  }
  const taken = Object.keys(metadata).find((key) =>
    ["epoch", "step", "format", "sha256"].includes(key)
  );
  if (taken) throw new TypeError(`Cannot save ${path}: the metadata name ${taken} is taken`);

  const pieces = encodeSafetensors(
    arrays,
    { sha256: NO_DIGEST, format: `${FORMAT}`, epoch: `${epoch}`, step: `${step}`, ...metadata },
  );
  writeDigest(pieces[0]!, sha256Of(pieces));
  try {
    await Deno.mkdir(folder, { recursive: true });
    await removeWhere(folder, (name) => TEMPORARY_NAME.test(name));
    await moveFolderAside(path);
    await writeDurably(path, pieces);
  } catch (error) {
    throw new Error(
      `Cannot save ${path}: ${reasonOf(error)}; the checkpoints ` +
        "before it are whole: once this is fixed, the same command resumes from them",
      { cause: error },
    );
  }
}

/**
 * Reads a checkpoint and verifies its sha256.
 *
 * ```ts
 * import { train } from "sam";
 *
 * const folder = await Deno.makeTempDir();
 * const path = await train.saveCheckpoint(folder, { epoch: 3, step: 30, arrays: {} });
 * console.log((await train.loadCheckpoint(path)).epoch); // 3
 * ```
 *
 * @throws Deno.errors.InvalidData if it is damaged, or no file
 * @throws RangeError if a newer version of this module wrote it
 */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  const invalid = (problem: string) =>
    new Deno.errors.InvalidData(`Cannot read ${path}: ${problem}`);
  // What is neither, such as a pipe, would never end.
  const { isFile, isDirectory } = await Deno.stat(path).catch((error) => {
    throw error instanceof Deno.errors.NotFound ? invalid("it leads to no file") : error;
  });
  if (!isFile) throw invalid(isDirectory ? "it is a folder" : "it is not a file");
  const bytes = await Deno.readFile(path);
  const decoded = decodeSafetensors(bytes, path);
  const { arrays, metadata: { sha256, format = "1", epoch, step, ...metadata } } = decoded;
  if (sha256 === undefined || !/^\d+$/.test(epoch ?? "") || !/^\d+$/.test(step ?? "")) {
    throw invalid("it is a safetensors file, but not a checkpoint");
  }
  // The digest is taken of the file with NO_DIGEST in its place.
  const header = bytes.slice(0, 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true)));
  writeDigest(header, NO_DIGEST);
  const actual = sha256Of([header, bytes.subarray(header.length)]);
  if (actual !== sha256) {
    throw invalid(`its sha256 is ${actual}, but it was written with ${sha256}`);
  }
  if (!(Number(format) <= FORMAT)) {
    throw new RangeError(
      `Cannot resume from ${path}: ${
        newerFormat(format)
      }. Go on with that version, or choose another ` +
        "output folder",
    );
  }
  return { path, epoch: Number(epoch), step: Number(step), arrays, metadata };
}

/**
 * Refuses to begin with a run's checkpoint whose entries may mean something else. Files of other
 * programs pass, also those that say `format` of something else.
 *
 * @throws RangeError if a newer version of this module wrote it
 */
export function requireKnownFormat(path: string, metadata: Readonly<Record<string, string>>): void {
  const { format, sha256 } = metadata;
  if (format === undefined || sha256 === undefined || !(Number(format) > FORMAT)) return;
  throw new RangeError(
    `Cannot begin with ${path}: ${newerFormat(format)}. Begin with that version, or with another ` +
      "checkpoint",
  );
}

function newerFormat(format: string): string {
  return `it is of format ${format}, which a newer version wrote; this one knows those up to ${FORMAT}`;
}

/**
 * Reads the latest checkpoint of a folder; a damaged one is reported to `warn` and the one before
 * it is taken.
 *
 * ```ts
 * import { train } from "sam";
 *
 * console.log(await train.latestCheckpoint(await Deno.makeTempDir())); // undefined
 * ```
 *
 * @returns `undefined` if there are no checkpoints. It throws if there are only damaged ones,
 *   because starting from scratch would remove them.
 */
export async function latestCheckpoint(
  folder: string,
  { warn = () => {} }: { warn?: (message: string) => void } = {},
): Promise<Checkpoint | undefined> {
  for await (const checkpoint of wholeCheckpoints(folder, { warn })) return checkpoint;
  const { length } = await listEpochs(folder);
  if (length === 0) return undefined;
  throw new Deno.errors.InvalidData(
    `Cannot resume from ${folder}: all its checkpoints (${length}) are damaged; ` +
      "remove them to start from the beginning",
  );
}

/** Path of the latest checkpoint of a folder whose numbers are all finite, if there is one. */
export async function latestFiniteCheckpoint(folder: string): Promise<string | undefined> {
  for await (const { arrays, path } of wholeCheckpoints(folder)) {
    const isFinite = Object.values(arrays).every(({ dtype, data }) =>
      dtype !== "F32" || data.every(Number.isFinite)
    );
    if (isFinite) return path;
  }
}

/** The checkpoints of a folder that are not damaged, latest first. */
async function* wholeCheckpoints(
  folder: string,
  { warn = () => {} }: { warn?: (message: string) => void } = {},
): AsyncGenerator<Checkpoint> {
  for (const epoch of await listEpochs(folder)) {
    try {
      yield await loadCheckpoint(join(folder, `checkpoint_${epoch}.safetensors`));
    } catch (error) {
      if (!(error instanceof Deno.errors.InvalidData)) throw error;
      warn(`${error.message}; trying the checkpoint before it`);
    }
  }
}

/** Whether there is a checkpoint to resume from, damaged or not. */
export async function hasCheckpoint(folder: string): Promise<boolean> {
  return (await listEpochs(folder)).length > 0;
}

/** Epochs of the checkpoints in a folder, latest first; none if there is no folder. */
async function listEpochs(folder: string, { folders = true } = {}): Promise<number[]> {
  const epochs: number[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const match = FILE_NAME.exec(name);
      if (match && (folders || !isDirectory)) epochs.push(Number(match[1]));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return epochs.sort((a, b) => b - a);
}

/** What is a folder under a checkpoint's name may be somebody's work, and stays beside it. */
async function moveFolderAside(path: string): Promise<void> {
  const there = await Deno.lstat(path).catch(() => undefined);
  if (there?.isDirectory) await Deno.rename(path, `${path}.folder_${Date.now()}`);
}

/** Removes files, folders never. */
async function removeWhere(folder: string, matches: (name: string) => boolean): Promise<void> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  const names = entries.filter(({ isDirectory }) => !isDirectory).map(({ name }) => name);
  for (const name of names.filter(matches)) await Deno.remove(join(folder, name));
}

/** Writes 64 characters into the place of the digest in a file's header. */
function writeDigest(header: Uint8Array, digest: string): void {
  const bytes = Buffer.from(header.buffer, header.byteOffset, header.byteLength);
  bytes.write(digest, bytes.indexOf(DIGEST_ENTRY) + DIGEST_ENTRY.length, "latin1");
}

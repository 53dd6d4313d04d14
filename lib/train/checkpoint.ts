/**
 * Checkpoints: safetensors files `checkpoint_<epoch>.safetensors` in a run's folder, readable with
 * Python's library too; those that are kept are `additional_checkpoint_<epoch>.safetensors`. A file appears under its name only when it is whole and on the disk, and
 * carries a sha256 of itself. One process at a time writes to a folder.
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { writeDurably } from "./durable.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  type NamedArrays,
} from "../checkpoints/safetensors.ts";

/** What a checkpoint holds. */
export interface CheckpointContents {
  /** Epochs done. */
  readonly epoch: number;
  /** Optimizer steps done. */
  readonly step: number;
  readonly arrays: NamedArrays;
  /** Whatever else is needed to go on, as text. The names epoch, step and sha256 are taken. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A checkpoint read from `path`. */
export interface Checkpoint extends Required<CheckpointContents> {
  readonly path: string;
}

const FILE_NAME = /^checkpoint_(0|[1-9]\d*)\.safetensors$/;
const TEMPORARY_NAME = /^(?:additional_)?checkpoint_\d+\.safetensors\.tmp$/;
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
  const kept = (await listEpochs(folder)).filter((other) => other <= epoch).slice(0, keep);
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
  const taken = Object.keys(metadata).find((key) => ["epoch", "step", "sha256"].includes(key));
  if (taken) throw new TypeError(`Cannot save ${path}: the metadata name ${taken} is taken`);

  const pieces = encodeSafetensors(
    arrays,
    { sha256: NO_DIGEST, epoch: `${epoch}`, step: `${step}`, ...metadata },
  );
  writeDigest(pieces[0]!, sha256Of(pieces));
  try {
    await Deno.mkdir(folder, { recursive: true });
    await removeWhere(folder, (name) => TEMPORARY_NAME.test(name));
    await writeDurably(path, pieces);
  } catch (error) {
    throw new Error(
      `Cannot save ${path}: ${error instanceof Error ? error.message : error}; the checkpoints ` +
        "before it are whole: when this is cured, the same command resumes from them",
      { cause: error },
    );
  }
}

/** Reads a checkpoint and verifies its sha256. */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  const bytes = await Deno.readFile(path);
  const { arrays, metadata: { sha256, epoch, step, ...metadata } } = decodeSafetensors(bytes, path);
  const invalid = (problem: string) =>
    new Deno.errors.InvalidData(`Cannot read ${path}: ${problem}`);
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
  return { path, epoch: Number(epoch), step: Number(step), arrays, metadata };
}

/**
 * Reads the latest checkpoint of a folder; a damaged one is reported to `warn` and the one before
 * it is taken.
 *
 * @returns `undefined` if there are no checkpoints. It throws if there are only damaged ones,
 *   because starting from scratch would remove them.
 */
export async function latestCheckpoint(
  folder: string,
  { warn = () => {} }: { warn?: (message: string) => void } = {},
): Promise<Checkpoint | undefined> {
  const epochs = await listEpochs(folder);
  for (const epoch of epochs) {
    try {
      return await loadCheckpoint(join(folder, `checkpoint_${epoch}.safetensors`));
    } catch (error) {
      if (!(error instanceof Deno.errors.InvalidData)) throw error;
      warn(`${error.message}; trying the checkpoint before it`);
    }
  }
  if (epochs.length === 0) return undefined;
  throw new Deno.errors.InvalidData(
    `Cannot resume from ${folder}: all its checkpoints (${epochs.length}) are damaged; ` +
      "remove them to start from the beginning",
  );
}

/** Epochs of the checkpoints in a folder, latest first; none if there is no folder. */
async function listEpochs(folder: string): Promise<number[]> {
  const epochs: number[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      const match = FILE_NAME.exec(name);
      if (match) epochs.push(Number(match[1]));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return epochs.sort((a, b) => b - a);
}

async function removeWhere(folder: string, matches: (name: string) => boolean): Promise<void> {
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  for (const name of names.filter(matches)) await Deno.remove(join(folder, name));
}

/** Writes 64 characters into the place of the digest in a file's header. */
function writeDigest(header: Uint8Array, digest: string): void {
  const bytes = Buffer.from(header.buffer, header.byteOffset, header.byteLength);
  bytes.write(digest, bytes.indexOf(DIGEST_ENTRY) + DIGEST_ENTRY.length, "latin1");
}

function sha256Of(pieces: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}

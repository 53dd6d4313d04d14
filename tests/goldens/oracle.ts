/**
 * Keeps of the original code's numbers what the repository can hold, in `oracle/`:
 *
 *     SAM_DATA_DIR=../shared/data deno run -A tests/goldens/oracle.ts
 *
 * Inputs, initial values, draws and the figures of every step are whole, each array once for all that
 * share it. Of large results there are entries at drawn places with each tensor's sum and norm; of
 * what must be equal there are digests. Checkpoints have their bytes but for values of such results.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import {
  encodeSafetensors,
  type NamedArrays,
  type NumericArray,
} from "../../lib/checkpoints/mod.ts";
import { digestOf, type Golden, type GoldenFile, sha256Of } from "../_fixtures.ts";
import { placesOf, type Sample, sampleOf } from "../_samples.ts";
import { type FixtureFolder, fixtureFolder, fixtureNames, fixtures } from "./_fixture_folder.ts";

/** Of 5 and 21 MB: their tests read the fixtures, by `wholeFixture`. */
const TOO_LARGE = ["pyramid_mini_eval", "efficientnet_b0_eval"];
/** Whose checkpoints are not kept: its fixture has no momenta, which hence could not be left out. */
const NO_CHECKPOINT = "wrn_mini_sam";
/** What a run or network begins with. */
const GIVEN_TREE = /^(init_)?(params|state)$/;
const WHOLE_ARRAY = /^(images?|label)(_\d+)?$|^norm_/;
const EQUAL_ARRAY = /^cutout_/;
/** Entries that are kept of a parameter and its like, and of statistics and single arrays. */
const OF_PARAMETER = 32;
const OF_ARRAY = 1024;
/** Arrays of fewer bytes are not worth a reference to another file. */
const WORTH_SHARING = 256;

/** Golden files by name. */
export function oracleGoldens(): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const { folders, tables } = fixtureNames();
  for (const table of tables) {
    const bytes = Deno.readFileSync(join(fixtures.path, table));
    if (bytes.length < 100_000) files.set(table, bytes);
    else files.set(`${table}.gz`, gzipSync(bytes, { level: 9 }));
  }
  /** Where an array is already, by its type, shape and bytes. */
  const places = new Map<string, string>();
  for (const name of folders.filter((name) => !TOO_LARGE.includes(name))) {
    const { golden, arrays, checkpoints } = goldenOf(name, fixtureFolder(name), places);
    files.set(`${name}.json`, new TextEncoder().encode(JSON.stringify(golden)));
    files.set(`${name}.safetensors`, Buffer.concat(encodeSafetensors(arrays)));
    for (const [file, bytes] of checkpoints) files.set(`${name}.${file}.gz`, bytes);
  }
  return files;
}

function goldenOf(name: string, folder: FixtureFolder, places: Map<string, string>) {
  const arrays: Record<string, NumericArray> = {};
  const shared: Record<string, string> = {};
  const samples: Record<string, Omit<Sample, "entries">> = {};
  const digests: Record<string, string> = {};

  const keep = (key: string, array: NumericArray) => {
    const { dtype, shape, data } = array;
    const identity = `${dtype} ${shape} ${sha256Of(bytesOf(array))}`;
    const place = places.get(identity);
    if (place === undefined || data.byteLength < WORTH_SHARING) {
      arrays[key] = array;
      places.set(identity, `${name}:${key}`);
    } else {
      shared[key] = place;
    }
  };
  const keepSample = (key: string, leaves: [string, NumericArray][], count: number) => {
    const { entries, ...sample } = sampleOf(leaves, count);
    samples[key] = sample;
    keep(key, { dtype: "F32", shape: [entries.length], data: Float32Array.from(entries) });
  };

  for (const key of folder.arrays) {
    const array = folder.numeric(key);
    const isLarge = array.dtype === "F32" && array.data.length > OF_ARRAY;
    if (EQUAL_ARRAY.test(key)) digests[key] = digestOf(array.data as Float32Array);
    else if (isLarge && !WHOLE_ARRAY.test(key)) keepSample(key, [["", array]], OF_ARRAY);
    else keep(key, array);
  }
  const given: [string, NumericArray][] = [];
  for (const key of folder.trees) {
    const leaves = folder.leaves(key);
    if (!GIVEN_TREE.test(key)) keepSample(key, leaves, countOf(key));
    else for (const [path, leaf] of leaves) given.push([`${key}/${path}`, leaf]);
  }
  for (const [key, leaf] of given) keep(key, leaf);

  const { checkpoints, files } = name === NO_CHECKPOINT
    ? { checkpoints: [], files: {} }
    : cutCheckpoints(folder, given);
  const golden: Golden = { scalars: scalarsOf(folder), shared, samples, digests, files };
  return { golden, arrays: arrays as NamedArrays, checkpoints };
}

/** The scalars, and the augmentations' outputs as digests. */
function scalarsOf({ meta, file }: FixtureFolder) {
  if (meta.outputs === undefined) return meta.scalars;
  const outputs = file(meta.outputs.file);
  const records = meta.outputs.records.map(
    ({ offset, size, ...record }: { offset: number; size: number }) => ({
      ...record,
      sha256: sha256Of(outputs.subarray(offset, offset + size)),
    }),
  );
  return { ...meta.scalars, records };
}

/**
 * Checkpoint files, compressed, with zeros in the place of initial values, which are kept anyway, and
 * of those values of results that are not kept.
 */
function cutCheckpoints(folder: FixtureFolder, given: readonly [string, NumericArray][]) {
  const results = folder.trees.filter((key) => !GIVEN_TREE.test(key));
  const checkpoints: [string, Uint8Array][] = [];
  const files: Record<string, GoldenFile> = {};
  for (const path of folder.checkpoints) {
    const whole = Buffer.from(folder.file(path));
    const bytes = Buffer.from(whole);
    const inFile = (array: NumericArray) =>
      array.data.byteLength < WORTH_SHARING ? -1 : whole.indexOf(bytesOf(array));
    for (const key of results) {
      for (const [name, leaf] of folder.leaves(key)) {
        const offset = inFile(leaf);
        if (offset >= 0) bytes.set(bytesOf(thinned(name, leaf, countOf(key))), offset);
      }
    }
    const sha256 = sha256Of(bytes);
    const cut: [number, string][] = [];
    for (const [name, leaf] of given) {
      const offset = inFile(leaf);
      if (offset < 0) continue;
      bytes.fill(0, offset, offset + leaf.data.byteLength);
      cut.push([offset, name]);
    }
    files[path] = { sha256, cut };
    checkpoints.push([path.replaceAll("/", "."), gzipSync(bytes, { level: 9 })]);
  }
  return { checkpoints, files };
}

/** An array in which only the entries that are kept are not 0. */
function thinned(path: string, { shape, data }: NumericArray, count: number): NumericArray {
  const kept = new Float32Array(data.length);
  for (const place of placesOf(path, kept.length, count)) kept[place] = Number(data[place]);
  return { dtype: "F32", shape, data: kept };
}

function countOf(tree: string): number {
  return tree.includes("state") ? OF_ARRAY : OF_PARAMETER;
}

function bytesOf({ data }: NumericArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

if (import.meta.main) {
  if (fixtures.missing !== undefined) throw new Error(`Cannot write goldens: ${fixtures.missing}`);
  const folder = new URL("oracle/", import.meta.url);
  await Deno.remove(folder, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  await Deno.mkdir(folder);
  for (const [name, bytes] of oracleGoldens()) await Deno.writeFile(new URL(name, folder), bytes);
}

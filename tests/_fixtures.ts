/**
 * Numbers of the original google-research/sam on JAX: the goldens that `goldens/oracle.ts` wrote.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { decodeSafetensors, type NamedArrays, type NumericArray } from "../lib/checkpoints/mod.ts";
import { leaves, type TensorRecord, tf, type Tree } from "../lib/tensorflow/mod.ts";
import type { Sample } from "./_samples.ts";

const ORACLE = new URL("goldens/oracle/", import.meta.url);

/** What `<name>.json` holds beside `<name>.safetensors`. */
export interface Golden {
  // deno-lint-ignore no-explicit-any -- settings and figures of any form, read by the tests
  readonly scalars: any;
  /** Arrays that another file has: `<file>:<name>` by their own names. */
  readonly shared: Readonly<Record<string, string>>;
  /** Results of which entries were kept, as the array of the same name. */
  readonly samples: Readonly<Record<string, Omit<Sample, "entries">>>;
  /** The sha256 of float32 arrays that must be equal, by name. */
  readonly digests: Readonly<Record<string, string>>;
  /** Files, `<name>.<file's name with dots for slashes>.gz`, from which arrays were cut out. */
  readonly files: Readonly<Record<string, GoldenFile>>;
}

/** A checkpoint of the original, in which results have but the entries that are kept of them. */
export interface GoldenFile {
  readonly sha256: string;
  /** Where the bytes of arrays belong that the goldens have anyway. */
  readonly cut: readonly (readonly [offset: number, array: string])[];
}

/** One run or network of the original, or the outputs of its augmentations. */
export interface Fixture {
  readonly scalars: Golden["scalars"];
  /** An array that was kept whole; one of bytes as int32. */
  array(name: string): tf.Tensor;
  /** A tree that was kept whole, such as initial values. */
  tree(name: string): TensorRecord;
  /** A result, a tree or an array, for `assertMatches`. */
  sample(name: string): Sample;
  /** The digest of an array, for `digestOf`. */
  digest(name: string): string;
  /** A checkpoint: its bytes, with zeros for the values of results that are not kept. */
  file(name: string): Uint8Array;
}

export function fixture(name: string): Fixture {
  const golden = goldenOf(name);
  const { meta } = golden;
  const known = <T>(record: Readonly<Record<string, T>>, key: string): T => {
    if (Object.hasOwn(record, key)) return record[key]!;
    throw new Error(`Cannot read ${key} of ${name}: it has ${Object.keys(record).join(", ")}`);
  };
  const numeric = (key: string): NumericArray => {
    if (!Object.hasOwn(meta.shared, key)) return known(golden.arrays, key);
    const [other, theirs] = meta.shared[key]!.split(":") as [string, string];
    return goldenOf(other).arrays[theirs]!;
  };
  return {
    scalars: meta.scalars,
    array: (key) => tensorOf(numeric(key)),
    tree(key) {
      const prefix = `${key}/`;
      const names = [...Object.keys(golden.arrays), ...Object.keys(meta.shared)]
        .filter((name) => name.startsWith(prefix));
      if (names.length === 0) throw new Error(`Cannot read ${key} of ${name}: it is not whole`);
      return recordOf(names.map((name) => [name.slice(prefix.length), numeric(name)]));
    },
    sample: (key) => ({
      ...known(meta.samples, key),
      entries: numeric(key).data as Float32Array,
    }),
    digest: (key) => known(meta.digests, key),
    file(key) {
      const { sha256, cut } = known(meta.files, key);
      const bytes = gunzipSync(read(`${name}.${key.replaceAll("/", ".")}.gz`));
      for (const [offset, array] of cut) {
        const { buffer, byteOffset, byteLength } = numeric(array).data;
        bytes.set(new Uint8Array(buffer, byteOffset, byteLength), offset);
      }
      if (sha256Of(bytes) === sha256) return bytes;
      throw new Error(`Cannot make ${key} of ${name}: its sha256 is not ${sha256}`);
    },
  };
}

/** An array as a tensor; bytes as int32. */
export function tensorOf({ dtype, shape, data }: NumericArray): tf.Tensor {
  return dtype === "U8"
    ? tf.tensor(Int32Array.from(data), [...shape], "int32")
    : tf.tensor(data as Float32Array, [...shape]);
}

/** A tree of tensors by their paths. */
export function recordOf(
  leaves: readonly (readonly [path: string, leaf: NumericArray])[],
): TensorRecord {
  const root: Record<string, unknown> = {};
  for (const [path, leaf] of leaves) {
    const names = path.split("/");
    const last = names.pop()!;
    let record = root;
    for (const name of names) record = (record[name] ??= {}) as Record<string, unknown>;
    record[last] = tensorOf(leaf);
  }
  return root as TensorRecord;
}

/** A table of the original's settings. */
// deno-lint-ignore no-explicit-any -- tables of any form, read by the tests
export function fixtureJson(file: string): any {
  const bytes = file.endsWith(".gz") ? gunzipSync(read(file)) : read(file);
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** The largest absolute difference between corresponding values of two trees. */
export function largestDifference(actual: Tree, expected: Tree): number {
  const others = leaves(expected);
  return Math.max(
    ...leaves(actual).map((leaf, index) =>
      tf.tidy(() => tf.max(tf.abs(tf.sub(leaf, others[index]!))).dataSync()[0]!)
    ),
  );
}

/** The sha256 of float32 values, of which −0 counts as 0. */
export function digestOf(values: Float32Array): string {
  const plain = values.map((value) => value + 0);
  return sha256Of(new Uint8Array(plain.buffer));
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

const opened = new Map<string, { readonly meta: Golden; readonly arrays: NamedArrays }>();

/** The golden of a name, read once. */
function goldenOf(name: string) {
  let golden = opened.get(name);
  if (golden === undefined) {
    const { arrays } = decodeSafetensors(read(`${name}.safetensors`), name);
    opened.set(name, golden = { meta: fixtureJson(`${name}.json`), arrays });
  }
  return golden;
}

function read(file: string): Uint8Array {
  return Deno.readFileSync(new URL(file, ORACLE));
}

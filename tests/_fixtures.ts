/**
 * Numbers dumped from the original google-research/sam on JAX: `fixtures/` beside `SAM_DATA_DIR`.
 *
 * @module
 */
import { join } from "node:path";
import { leaves, type TensorRecord, tf, type Tree } from "../lib/tensorflow/mod.ts";
import { testData } from "./_data_dir.ts";

const { ignore, path } = testData(join("..", "fixtures"));

/** Give this to `Deno.test`'s `ignore`. */
export const ignoreFixtures = ignore;

/** The path of a file of the fixtures. */
export function fixturePath(...parts: readonly string[]): string {
  return join(path, ...parts);
}

interface Leaf {
  readonly path: string;
  readonly shape: number[];
  readonly offset: number;
  readonly size: number;
}

interface Meta {
  readonly arrays: Record<string, { file: string; shape: number[] }>;
  readonly trees: Record<string, { file: string; leaves: Leaf[] }>;
  // deno-lint-ignore no-explicit-any -- settings and figures of any form, read by the tests
  readonly scalars: any;
}

/** One fixture folder. */
export interface Fixture {
  readonly scalars: Meta["scalars"];
  array(name: string): tf.Tensor;
  /** An array of bytes, as int32. */
  bytes(name: string): tf.Tensor;
  tree(name: string): TensorRecord;
}

export function fixture(name: string): Fixture {
  const folder = fixturePath(name);
  const meta: Meta = fixtureJson(join(name, "meta.json"));
  const read = (file: string) => new Float32Array(Deno.readFileSync(join(folder, file)).buffer);
  return {
    scalars: meta.scalars,
    array(name) {
      const { file, shape } = meta.arrays[name]!;
      return tf.tensor(read(file), shape);
    },
    bytes(name) {
      const { file, shape } = meta.arrays[name]!;
      return tf.tensor(Int32Array.from(Deno.readFileSync(join(folder, file))), shape, "int32");
    },
    tree(name) {
      const { file, leaves } = meta.trees[name]!;
      const values = read(file);
      const root: Record<string, unknown> = {};
      for (const { path, shape, offset, size } of leaves) {
        const names = path.split("/").filter((name) => name !== "");
        const last = names.pop()!;
        let record = root;
        for (const name of names) record = (record[name] ??= {}) as Record<string, unknown>;
        record[last] = tf.tensor(values.slice(offset, offset + size), shape);
      }
      return root as TensorRecord;
    },
  };
}

/** A table of the fixtures. */
// deno-lint-ignore no-explicit-any -- tables of any form, read by the tests
export function fixtureJson(file: string): any {
  return JSON.parse(Deno.readTextFileSync(fixturePath(file)));
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

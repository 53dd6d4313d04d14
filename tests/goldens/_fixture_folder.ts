/**
 * The numbers as they were dumped from the original code, whole: `fixtures/` beside `SAM_DATA_DIR`.
 * Tests read what `oracle.ts` keeps of them, but for the two networks that are too large to keep.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { NumericArray } from "../../lib/checkpoints/mod.ts";
import { testData } from "../_data_dir.ts";
import { digestOf, type Fixture, recordOf, tensorOf } from "../_fixtures.ts";
import { sampleOf } from "../_samples.ts";

/** Where the fixtures are, and what is missing where they are not. */
export const fixtures = testData(join("..", "fixtures"));

interface Leaf {
  readonly path: string;
  readonly shape: number[];
  readonly offset: number;
  readonly size: number;
}

interface Meta {
  readonly arrays: Record<string, { file: string; shape: number[]; dtype: "float32" | "uint8" }>;
  readonly trees: Record<string, { file: string; leaves: Leaf[] }>;
  // deno-lint-ignore no-explicit-any -- settings and figures of any form
  readonly scalars: any;
  // deno-lint-ignore no-explicit-any -- what the augmentations made
  readonly outputs?: any;
}

/** One folder of the fixtures. */
export interface FixtureFolder {
  readonly meta: Meta;
  /** Names of its arrays and of those of its trees whose file is there. */
  readonly arrays: readonly string[];
  readonly trees: readonly string[];
  /** Paths of its checkpoints. */
  readonly checkpoints: readonly string[];
  numeric(array: string): NumericArray;
  /**
   * The leaves of a tree with their paths, without the slash that those of batch statistics begin
   * with, in the order of our own trees.
   */
  leaves(tree: string): [path: string, leaf: NumericArray][];
  /** The bytes of a file. */
  file(path: string): Uint8Array;
}

/** Names of all folders and of all tables (`*.json`) of the fixtures. */
export function fixtureNames(): { readonly folders: string[]; readonly tables: string[] } {
  const entries = [...Deno.readDirSync(fixtures.path)];
  const names = (wanted: (entry: Deno.DirEntry) => boolean) =>
    entries.filter(wanted).map(({ name }) => name).sort();
  return {
    folders: names(({ isDirectory }) => isDirectory),
    tables: names(({ name }) => name.endsWith(".json")),
  };
}

export function fixtureFolder(name: string): FixtureFolder {
  const at = (path: string) => join(fixtures.path, name, path);
  const meta: Meta = JSON.parse(Deno.readTextFileSync(at("meta.json")));
  const floats = (file: string) => new Float32Array(Deno.readFileSync(at(file)).buffer);
  const folders = [...Deno.readDirSync(at(""))].filter(({ isDirectory }) => isDirectory);
  return {
    meta,
    checkpoints: folders.flatMap(({ name }) =>
      Array.from(Deno.readDirSync(at(name)), (file) => `${name}/${file.name}`)
    ).sort(),
    arrays: Object.keys(meta.arrays),
    trees: Object.keys(meta.trees).filter((tree) => existsSync(at(meta.trees[tree]!.file))),
    numeric(name) {
      const { file, shape, dtype } = meta.arrays[name]!;
      return dtype === "uint8"
        ? { dtype: "U8", shape, data: Deno.readFileSync(at(file)) }
        : { dtype: "F32", shape, data: floats(file) };
    },
    leaves(name) {
      const { file, leaves } = meta.trees[name]!;
      const values = floats(file);
      return leaves.map(({ path, shape, offset, size }): [string, NumericArray] => [
        path.replace(/^\//, ""),
        { dtype: "F32", shape, data: values.slice(offset, offset + size) },
      ]).sort(([a], [b]) => compare(a.split("/"), b.split("/")));
    },
    file: (path) => Deno.readFileSync(at(path)),
  };
}

/** A folder of the fixtures for the tests, of which nothing is left out. */
export function wholeFixture(name: string): Fixture {
  const folder = fixtureFolder(name);
  return {
    scalars: folder.meta.scalars,
    array: (key) => tensorOf(folder.numeric(key)),
    tree: (key) => recordOf(folder.leaves(key)),
    sample: (key) =>
      sampleOf(
        folder.trees.includes(key) ? folder.leaves(key) : [["", folder.numeric(key)]],
        Infinity,
      ),
    digest: (key) => digestOf(folder.numeric(key).data as Float32Array),
    file: folder.file,
  };
}

/** Orders paths as records are: by their first different name. */
function compare(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((name, index) => name !== b[index]);
  return at < 0 ? 0 : a[at]! < (b[at] ?? "") ? -1 : 1;
}

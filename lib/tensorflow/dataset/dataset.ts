import type * as tf from "@tensorflow/tfjs";
import { isRecord } from "../../system/mod.ts";
import { backend } from "../backend/mod.ts";
import { attribute, DType, tensorFlowJsDtype } from "../native/mod.ts";
import { requireCount } from "./_counts.ts";
import type { Component, ElementSpec } from "./_dataset_function.ts";
import { Dataset, encoded, mix } from "./_dataset_pipeline.ts";

export { Dataset };

/** Values in memory: the first size of the shape counts the elements. */
export interface ArraySource {
  readonly values: Uint8Array | Int32Array | Float32Array | readonly string[];
  readonly shape: readonly number[];
}

/** Element type of {@linkcode fromArrays}. */
type Elements<S> = { readonly [K in keyof S]: tf.Tensor };

/**
 * A data set of arrays in memory, copied once: its elements are records of the slices along the
 * first axis.
 *
 * ```ts
 * import { dataset } from "sam";
 * const numbers = dataset.fromArrays({ x: { values: Float32Array.of(1, 2, 3), shape: [3] } });
 * for await (const { x } of numbers.batch(2).epoch()) {
 *   console.log(x.dataSync());
 *   x.dispose();
 * }
 * ```
 *
 * @throws RangeError unless there are arrays, of the same number of elements
 * @throws TypeError for values of another kind, such as a Float64Array
 */
export function fromArrays<S extends { readonly [name: string]: ArraySource }>(
  sources: S,
): Dataset<Elements<S>> {
  if (!isRecord(sources)) {
    throw new TypeError(
      "Cannot make a data set: give arrays by their names, such as { x: { values, shape } }",
    );
  }
  const names = Object.keys(sources);
  const size = commonSize(sources);
  const components = names.map((name) => {
    const { values, shape } = sources[name]!;
    return { dtype: dtypeOf(name, values), shape: shape.slice(1) };
  });
  const structure = {
    kind: "record" as const,
    keys: names,
    items: components.map(({ dtype, shape }) => ({
      kind: "tensor" as const,
      shape,
      dtype: tensorFlowJsDtype(dtype) ?? "int32" as const,
    })),
  };
  const arrays = new NativeArrays(names.map((name, index) => {
    const { values, shape } = sources[name]!;
    const bytes = isStrings(values) ? encoded(values) : values;
    return backend.binding.createHandle([...shape], components[index]!.dtype, bytes);
  }));
  const spec: ElementSpec = { structure, components };
  return new Dataset(
    (epoch) =>
      epoch.run("TensorSliceDataset", [
        attribute.type("Toutput_types", components.map(({ dtype }) => dtype)),
        attribute.shapes("output_shapes", components.map(({ shape }) => shape)),
      ], arrays.ids),
    spec,
    size,
  );
}

/**
 * The records of TFRecord files, one after another: elements are strings, scalars.
 *
 * ```ts
 * import { dataset } from "sam";
 *
 * const files = ["train-00000-of-00002", "train-00001-of-00002"];
 * const records = dataset.fromRecordFiles(files, 1000, { shuffleFiles: true });
 * console.log(records.batch(10).size); // 100; the files are read when an epoch begins
 * ```
 *
 * @param size records in all files, which is not checked
 * @param shuffleFiles take the files in another order in each epoch, by its seed; default false
 */
export function fromRecordFiles(
  paths: readonly string[],
  size: number,
  { shuffleFiles = false }: { readonly shuffleFiles?: boolean } = {},
): Dataset<tf.Tensor> {
  if (!Array.isArray(paths)) {
    throw new TypeError(`Cannot read records of ${paths}: give a list of paths`);
  }
  requireCount("read", size);
  const component: Component = { dtype: DType.string, shape: [] };
  const structure = { kind: "tensor" as const, shape: [], dtype: "string" as const };
  return new Dataset<tf.Tensor>(
    (epoch) => {
      const names = shuffleFiles ? shuffled(paths, epoch.seed) : paths;
      return epoch.run(
        "TFRecordDataset",
        [],
        [epoch.strings(names), epoch.string(""), epoch.int64(READ_AHEAD)],
      );
    },
    { structure, components: [component] },
    size,
  );
}

/** Bytes of a record file that are read at once. */
const READ_AHEAD = 1 << 18;

/** The items in another order for each seed (Fisher and Yates). */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = (mix(seed, last) >>> 0) % (last + 1);
    [result[last], result[other]] = [result[other]!, result[last]!];
  }
  return result;
}

function commonSize(sources: Readonly<Record<string, ArraySource>>): number {
  const shapes = Object.entries(sources).map(([name, { shape }]) => ({ name, shape }));
  const [size, ...others] = new Set(shapes.map(({ shape }) => shape[0]));
  if (size !== undefined && others.length === 0) return size;
  const found = shapes.map(({ name, shape }) => `${name} [${shape}]`).join(", ") || "none";
  throw new RangeError(
    `Cannot make a data set of these arrays: ${found}. They must have the same first size, the ` +
      "number of elements",
  );
}

/** Handles that live as long as a data set made of them can be reached. */
class NativeArrays {
  static readonly #forgotten = new FinalizationRegistry<readonly number[]>((ids) =>
    ids.forEach((id) => backend.binding.deleteTensor(id))
  );
  readonly ids: readonly number[];

  constructor(ids: readonly number[]) {
    this.ids = ids;
    NativeArrays.#forgotten.register(this, ids);
  }
}

function isStrings(values: ArraySource["values"]): values is readonly string[] {
  return Array.isArray(values);
}

/** @throws TypeError for values of another kind */
function dtypeOf(name: string, values: ArraySource["values"]): number {
  if (isStrings(values) && values.every((value) => typeof value === "string")) return DType.string;
  if (values instanceof Uint8Array) return DType.uint8;
  if (values instanceof Int32Array) return DType.int32;
  if (values instanceof Float32Array) return DType.float32;
  throw new TypeError(
    `Cannot make a data set of ${name}: its values must be a Uint8Array, an Int32Array, a Float32Array ` +
      "or an array of strings",
  );
}

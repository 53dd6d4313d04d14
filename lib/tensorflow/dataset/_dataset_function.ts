import * as tf from "@tensorflow/tfjs";
import { DType } from "../native/mod.ts";
import { build, type Signature, traceFunction } from "../compile/mod.ts";
import type { Seed } from "../random.ts";

/** A tensor of a data set's elements. */
export interface Component {
  readonly dtype: number;
  /** Sizes, -1 where unknown; undefined for an unknown rank. */
  readonly shape: readonly number[] | undefined;
}

/** What the elements of a data set are: trees of a structure, and their tensors in its order. */
export interface ElementSpec {
  readonly structure: Signature;
  readonly components: readonly Component[];
}

/** A TensorFlow function of an element, its position (int64) and a number to seed with (int32). */
export interface DatasetFunction {
  readonly name: string;
  /** The caller's function in messages. */
  readonly title: string;
  readonly result: ElementSpec;
  /** Ids of the tensors that it captured, at the time of the call. */
  captures(): { ids: number[]; dtypes: number[] };
}

/**
 * Traces a function for the elements of a data set. The seed that it gets is made of a number and
 * the element's position, so that it does not depend on the order of execution.
 *
 * @throws Error if the function reads values, draws random numbers in JavaScript, keeps a tensor
 * @throws TypeError if its result is not a tree of tensors
 */
export function datasetFunction(
  fn: (element: unknown, seed: Seed) => unknown,
  element: ElementSpec,
): DatasetFunction {
  const title = fn.name || "the function of a data set";
  const { name, captures, result, outputs } = traceFunction({
    action: "map by",
    title,
    prefix: "sam_dataset",
    unknownSizes: true,
    requireResult: (result) => requireTensor(title, result),
  }, (argument) => {
    const components = element.components.map(({ dtype, shape = [] }) => argument(dtype, shape));
    const position = argument(DType.int64, []);
    const number = argument(DType.int32, []);
    let next = 0;
    const tree = build(element.structure, () => components[next++]!);
    return fn(tree, tf.stack([number, position]) as Seed);
  });
  return {
    name,
    title: fn.name || "a function without a name",
    result: {
      structure: result,
      components: outputs.map(({ dtype, shape }) => ({ dtype, shape })),
    },
    captures: () => ({
      ids: captures.map((capture) => capture.handleId()),
      dtypes: captures.map(({ output }) => output.dtype),
    }),
  };
}

function requireTensor(title: string, result: Signature): void {
  if (holdsTensor(result)) return;
  throw new TypeError(`Cannot map by ${title}: its result holds no tensor`);
}

function holdsTensor(signature: Signature): boolean {
  if (signature.kind === "array" || signature.kind === "record") {
    return signature.items.some(holdsTensor);
  }
  return signature.kind === "tensor";
}

/** The shapes and dtypes of an element. */
export function described(structure: ElementSpec["structure"]): string {
  switch (structure.kind) {
    case "tensor":
      return `${structure.dtype} [${
        structure.shape.map((size) => size < 0 ? "?" : size).join(", ")
      }]`;
    case "value":
      return String(structure.value);
    case "array":
      return `[${structure.items.map(described).join(", ")}]`;
    case "record": {
      const { keys, items } = structure;
      return `{ ${keys.map((key, at) => `${key}: ${described(items[at]!)}`).join(", ")} }`;
    }
  }
}

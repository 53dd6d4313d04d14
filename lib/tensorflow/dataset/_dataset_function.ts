import * as tf from "@tensorflow/tfjs";
import { attribute, DType, type Output } from "../native/mod.ts";
import { build, matches, type Signature, signatureOf, traced } from "../compile/mod.ts";
import { backend } from "../backend/mod.ts";
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
  readonly result: ElementSpec;
  /** Ids of the tensors that it captured, at the time of the call. */
  captures(): { ids: number[]; dtypes: number[] };
}

let functions = 0;

/**
 * Traces a function for the elements of a data set. The seed that it gets is made of a number and
 * the element's position, so that it does not depend on the order of execution.
 *
 * @throws Error if the function reads values, draws random numbers in JavaScript, keeps a tensor
 * @throws TypeError if its result is no tree of tensors
 */
export function datasetFunction(
  fn: (element: unknown, seed: Seed) => unknown,
  element: ElementSpec,
): DatasetFunction {
  const title = fn.name || "the function of a data set";
  return traced(title, { unknownSizes: true }, (trace) => {
    const inputs: Output[] = [];
    const input = ({ dtype, shape = [] }: Component): tf.Tensor => {
      const output = trace.graph.placeholder(dtype, shape);
      inputs.push(output);
      return backend.createOutputTensor({ id: trace.add(output), shape: [...shape], dtype });
    };
    const components = element.components.map(input);
    const position = input({ dtype: DType.int64, shape: [] });
    const number = input({ dtype: DType.int32, shape: [] });
    let next = 0;
    const argument = build(element.structure, () => components[next++]!);
    const tree = fn(argument, tf.stack([number, position]) as Seed);

    const structure = resultStructure(title, tree);
    const tensors: tf.Tensor[] = [];
    matches(structure, tree, tensors);
    const outputs = backend.getInputTensorIds(tensors).map((id) => {
      const output = trace.output(id)!;
      // An input is not a node of the function; what is handed through needs one.
      return trace.graph.operation(
        "Identity",
        [attribute.type("T", output.dtype)],
        [output],
        1,
      )[0]!;
    });
    const { captures } = trace;
    const name = `sam_dataset_${functions++}_${title.replaceAll(/\W/g, "_")}`;
    trace.graph.addFunction(name, [...inputs, ...captures.map(({ output }) => output)], outputs);
    return {
      name,
      result: { structure, components: outputs.map(({ dtype, shape }) => ({ dtype, shape })) },
      captures: () => ({
        ids: captures.map((capture) => capture.handleId()),
        dtypes: captures.map(({ output }) => output.dtype),
      }),
    };
  });
}

function resultStructure(title: string, tree: unknown): Signature {
  if (tree instanceof Promise) {
    tree.catch(() => {}); // it fails, having lost its trace, and nobody else waits for it
    throw new TypeError(`Cannot map by ${title}: it is asynchronous, and is run only once`);
  }
  const structure = signatureOf(tree, "the result");
  if (!holdsTensor(structure)) {
    throw new TypeError(`Cannot map by ${title}: its result holds no tensor`);
  }
  return structure;
}

function holdsTensor(signature: Signature): boolean {
  if (signature.kind === "array" || signature.kind === "record") {
    return signature.items.some(holdsTensor);
  }
  return signature.kind === "tensor";
}

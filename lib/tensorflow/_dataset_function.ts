import * as tf from "@tensorflow/tfjs";
import { DType } from "./_dtypes.ts";
import { withoutJavaScriptRandomness } from "./_javascript_random.ts";
import { build, matches, type Signature, signatureOf } from "./_signature.ts";
import { attribute } from "./_attributes.ts";
import { backend } from "./backend.ts";
import type { Seed } from "./random.ts";

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
 */
export function datasetFunction(
  fn: (element: unknown, seed: Seed) => unknown,
  element: ElementSpec,
): DatasetFunction {
  const title = fn.name || "the function of a data set";
  return backend.binding.tracing(title, { unknownSizes: true }, (trace) => {
    try {
      const input = ({ dtype, shape }: Component) => {
        const output = trace.graph.placeholder(dtype, shape ?? []);
        const id = trace.add(output);
        const tensor = backend.createOutputTensor({ id, shape: [...shape ?? []], dtype });
        return { output, tensor };
      };
      const escaped: tf.Tensor[] = [];
      let inputs: ReturnType<typeof input>[] = [];
      let structure: Signature | undefined;
      withoutJavaScriptRandomness(title, () =>
        tf.tidy(() => {
          inputs = [
            ...element.components,
            { dtype: DType.int64, shape: [] },
            { dtype: DType.int32, shape: [] },
          ].map(input);
          const seed = inputs.pop()!;
          const position = inputs.pop()!;
          let next = 0;
          const tree = fn(
            build(element.structure, () => inputs[next++]!.tensor),
            tf.stack([seed.tensor, position.tensor]) as Seed,
          );
          inputs.push(position, seed);
          structure = signatureOf(tree, "the result");
          matches(structure, tree, escaped);
          return escaped;
        }));
      const outputs = backend.getInputTensorIds(escaped).map((id) => {
        const output = trace.output(id)!;
        return trace.graph.operation(
          "Identity",
          [attribute.type("T", output.dtype)],
          [output],
          1,
        )[0]!;
      });
      tf.dispose(escaped.filter((tensor) => backend.isTraced(tensor)));
      const name = `sam_dataset_${functions++}_${title.replaceAll(/\W/g, "_")}`;
      const captured = trace.captures;
      trace.graph.addFunction(
        name,
        [...inputs.map((input) => input.output), ...captured.map((capture) => capture.output)],
        outputs,
      );
      return {
        name,
        result: {
          structure: structure!,
          components: outputs.map(({ dtype, shape }) => ({ dtype, shape })),
        },
        captures: () => ({
          ids: captured.map((capture) => capture.handleId()),
          dtypes: captured.map((capture) => capture.output.dtype),
        }),
      };
    } finally {
      trace.graph.delete();
    }
  });
}

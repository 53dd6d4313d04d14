import type * as tf from "@tensorflow/tfjs";
import { backend } from "../backend/mod.ts";
import { dtypeCode } from "../native/mod.ts";
import { asNode, placeholder } from "./trace_function.ts";
import { traced } from "./traced.ts";

/** What is fed to a graph. */
export interface GraphInput {
  readonly dtype: tf.DataType;
  readonly shape: readonly number[];
}

/** A function as a graph for other programs. */
export interface TracedGraph {
  /** A `GraphDef`. */
  readonly definition: Uint8Array;
  /** The names of the nodes that are fed, in the order of the inputs. */
  readonly inputs: readonly string[];
  /** The name of the node that is computed. */
  readonly output: string;
}

/**
 * Traces a function of tensors, and gives its graph as it is written to files.
 *
 * ```ts
 * import { tf, traceGraph } from "sam/tensorflow";
 *
 * const images = { dtype: "float32" as const, shape: [2, 4] };
 * const { inputs, output, definition } = traceGraph("the network", [images], (x) => tf.relu(x!));
 * console.log(inputs.length, output !== inputs[0], definition.length > 0); // 1 true true
 * ```
 *
 * @param title of the function, for errors
 * @throws Error for what cannot be traced, see {@linkcode traced}, and for tensors besides the inputs
 */
export function traceGraph(
  title: string,
  inputs: readonly GraphInput[],
  fn: (...inputs: tf.Tensor[]) => tf.Tensor,
): TracedGraph {
  return traced(title, {}, (trace) => {
    const fed = inputs.map(({ dtype, shape }) => placeholder(trace, dtypeCode(dtype), shape));
    const [id] = backend.getInputTensorIds([fn(...fed.map(({ tensor }) => tensor))]);
    const output = asNode(trace, trace.output(id!)!);
    if (trace.captures.length > 0) {
      throw new Error(`Cannot describe ${title} as a graph: it uses tensors besides its inputs`);
    }
    return {
      definition: trace.graph.definition(),
      inputs: fed.map(({ output }) => trace.graph.nameOf(output)),
      output: trace.graph.nameOf(output),
    };
  });
}

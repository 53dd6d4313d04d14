import type { Model, Variables } from "../nn/mod.ts";
import {
  DType,
  type GraphInput,
  namedLeaves,
  tf,
  traceGraph,
  withLeaves,
} from "../tensorflow/mod.ts";
import { makeAnyBatch } from "./_any_batch.ts";
import {
  attributeMessage,
  type GraphMessage,
  readGraph,
  shapeMessage,
  tensorAttribute,
  type Values,
  valuesOf,
} from "./_graph.ts";

/** The node that is fed: images as the network gets them, float32 [batch, height, width, channels]. */
export const INPUT = "images";
/** The node that is computed: float32 [batch, classes]. */
export const OUTPUT = "logits";

/** A network with its variables as a graph of constants, for batches of any size. */
export interface InferenceGraph {
  readonly graph: GraphMessage;
  /** Of the input; the size of the batch is -1. */
  readonly inputShape: readonly number[];
  readonly classes: number;
  /** The constants by the names of their nodes. */
  readonly constants: ReadonlyMap<string, Values>;
}

/**
 * The graph of a network's evaluation: with the running batch statistics, and without dropout.
 *
 * ```ts
 * import { exports, models } from "sam";
 *
 * const model = models.buildModel("wide_resnet_10_1", { classes: 10 });
 * const variables = model.init(0, [1, 16, 16, 3]);
 * const { inputShape, classes } = exports.inferenceGraph(model, variables, [16, 16, 3]);
 * console.log(inputShape, classes); // 16, 16, 3 and 10
 * ```
 *
 * @param variables stay the caller's
 * @param imageShape height, width and channels
 * @throws Error for a network whose graph depends on the size of the batch
 */
export function inferenceGraph(
  model: Model,
  variables: Variables,
  imageShape: readonly number[],
): InferenceGraph {
  const tree = { params: variables.params, state: variables.state };
  const leaves = namedLeaves(tree);
  const weights = leaves.map(([, { dtype, shape }]): GraphInput => ({ dtype, shape }));
  const trace = (batch: number) => {
    const images: GraphInput = { dtype: "float32", shape: [batch, ...imageShape] };
    return traceGraph(
      "the network",
      [images, ...weights],
      (images, ...weights) => model.apply(withLeaves(tree, weights), images!).output,
    );
  };
  const traced = trace(2);
  const graph = readGraph(traced.definition);
  makeAnyBatch(graph, readGraph(trace(3).definition), [2, 3]);
  const [images, ...placeholders] = traced.inputs;
  const names = new Map([[images!, INPUT], [traced.output, OUTPUT]]);
  placeholders.forEach((name, index) => names.set(name, leaves[index]![0]));
  rename(graph, names);
  const constants = new Map<string, Values>();
  const tensors = new Map<string, tf.Tensor>(leaves);
  const inputShape = [-1, ...imageShape];
  for (const node of graph.getNodeList()) {
    const name = node.getName();
    const weight = tensors.get(name);
    if (name === INPUT) {
      node.getAttrMap().set("shape", attributeMessage("Shape", shapeMessage(inputShape)));
    } else if (weight !== undefined) {
      const values = ofTensor(weight);
      node.setOp("Const");
      node.getAttrMap().del("shape");
      node.getAttrMap().set("value", tensorAttribute(values));
      constants.set(name, values);
    } else if (node.getOp() === "Const") {
      constants.set(name, valuesOf(node.getAttrMap().get("value")!.getTensor()));
    }
  }
  const [, classes] = model.shapes([1, ...imageShape]).output;
  return { graph, inputShape, classes: classes!, constants };
}

function ofTensor(tensor: tf.Tensor): Values {
  return { dtype: DType.float32, shape: tensor.shape, data: tensor.dataSync() as Float32Array };
}

function rename(graph: GraphMessage, names: ReadonlyMap<string, string>): void {
  for (const node of graph.getNodeList()) {
    node.setName(names.get(node.getName()) ?? node.getName());
    node.setInputList(
      node.getInputList().map((input) => {
        const [, name = "", output = ""] = /^([^:]*)(.*)$/.exec(input)!;
        return (names.get(name) ?? name) + output;
      }),
    );
  }
}

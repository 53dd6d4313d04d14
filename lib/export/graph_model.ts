import { join } from "node:path";
import { writeDurably, writing } from "../system/mod.ts";
import { dtypeName } from "../tensorflow/mod.ts";
import type { AttributeMessage, NodeMessage, ShapeMessage, Values } from "./_graph.ts";
import { type InferenceGraph, INPUT, OUTPUT } from "./inference_graph.ts";

/** Bytes of a file of weights: what browsers keep in their caches. */
const SHARD = 4 * 2 ** 20;

/**
 * Writes a network as a graph model of TensorFlow.js, for `tf.loadGraphModel` in browsers: `model.json`
 * and files of weights, which takes `images` and gives `logits`.
 *
 * ```ts
 * import { exports, models } from "sam";
 *
 * const model = models.buildModel("wide_resnet_10_1", { classes: 10 });
 * const variables = model.init(0, [1, 16, 16, 3]);
 * const graph = exports.inferenceGraph(model, variables, [16, 16, 3]);
 * await exports.writeGraphModel(await Deno.makeTempDir(), graph);
 * ```
 */
export async function writeGraphModel(folder: string, exported: InferenceGraph): Promise<void> {
  const { graph, inputShape, classes, constants } = exported;
  const weights = Array.from(constants, ([name, { dtype, shape }]) => ({
    name,
    shape,
    dtype: dtypeName(dtype),
  }));
  const shards = shardsOf(constants);
  const paths = shards.map((_, index) => `group1-shard${index + 1}of${shards.length}.bin`);
  const info = (name: string, sizes: readonly number[]) => ({
    name: `${name}:0`,
    dtype: "DT_FLOAT",
    tensorShape: { dim: sizes.map((size) => ({ size: `${size}` })) },
  });
  const model = {
    format: "graph-model",
    generatedBy: "sam",
    convertedBy: null,
    signature: {
      inputs: { [INPUT]: info(INPUT, inputShape) },
      outputs: { [OUTPUT]: info(OUTPUT, [-1, classes]) },
    },
    modelTopology: {
      node: graph.getNodeList().map(nodeJson),
      versions: { producer: graph.getVersions().getProducer() },
    },
    weightsManifest: [{ paths, weights }],
  };
  await writing(folder, async () => {
    await Deno.mkdir(folder, { recursive: true });
    for (const [index, shard] of shards.entries()) {
      await writeDurably(join(folder, paths[index]!), [shard]);
    }
    const json = new TextEncoder().encode(JSON.stringify(model));
    await writeDurably(join(folder, "model.json"), [json]);
  });
}

/** All values one behind the other, cut into files. */
function shardsOf(constants: ReadonlyMap<string, Values>): Uint8Array<ArrayBuffer>[] {
  const total = constants.values().reduce((sum, { data }) => sum + data.byteLength, 0);
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const { data } of constants.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return Array.from(
    { length: Math.max(1, Math.ceil(total / SHARD)) },
    (_, index) => bytes.subarray(index * SHARD, (index + 1) * SHARD),
  );
}

function nodeJson(node: NodeMessage): object {
  const attr: Record<string, unknown> = {};
  node.getAttrMap().forEach((value, name) => {
    attr[name] = attributeJson(value);
  });
  const input = node.getInputList();
  return { name: node.getName(), op: node.getOp(), ...input.length > 0 && { input }, attr };
}

/** The fields of `AttrValue` (`attr_value.proto`), as protocol buffers are written in JSON. */
function attributeJson(value: AttributeMessage): object {
  switch (value.getValueCase()) {
    case 1:
      return { list: listJson(value.getList()) };
    case 2:
      return { s: value.getS_asB64() };
    case 3:
      return { i: `${value.getI()}` };
    case 4:
      return { f: value.getF() };
    case 5:
      return { b: value.getB() };
    case 6:
      return { type: typeJson(value.getType()) };
    case 7:
      return { shape: shapeJson(value.getShape()) };
    case 8: {
      // The values are among the weights.
      const tensor = value.getTensor();
      const tensorShape = shapeJson(tensor.getTensorShape());
      return { tensor: { dtype: typeJson(tensor.getDtype()), tensorShape } };
    }
  }
  throw new TypeError(
    `Cannot write an attribute of kind ${value.getValueCase()} for TensorFlow.js`,
  );
}

function listJson(list: ReturnType<AttributeMessage["getList"]>): object {
  const lists = {
    s: list.getSList_asB64(),
    i: list.getIList().map(String),
    f: list.getFList(),
    b: list.getBList(),
    type: list.getTypeList().map(typeJson),
    shape: list.getShapeList().map(shapeJson),
  };
  return Object.fromEntries(Object.entries(lists).filter(([, values]) => values.length > 0));
}

/** `float32` is `DT_FLOAT` (`types.proto`). */
function typeJson(dtype: number): string {
  return `DT_${dtypeName(dtype).replace("float32", "float").toUpperCase()}`;
}

function shapeJson(shape: ShapeMessage | undefined): object {
  return { dim: (shape?.getDimList() ?? []).map((dim) => ({ size: `${dim.getSize()}` })) };
}

import { join } from "node:path";
import messages from "@tensorflow/tfjs-node-gpu/dist/proto/api_pb.js";
import { writeDurably, writing } from "../system/mod.ts";
import { backend, DType } from "../tensorflow/mod.ts";
import { shapeMessage } from "./_graph.ts";
import { type InferenceGraph, INPUT, OUTPUT } from "./inference_graph.ts";

/** No message is larger than 2 GiB (`tensorflow/core/platform/protobuf.h`). */
const LARGEST = 2 ** 31 - 1;

/**
 * Writes a network as a SavedModel of TensorFlow, which `tf.saved_model.load` reads and TensorFlow
 * Serving serves: its signature `serving_default` takes `images` and gives `logits`.
 *
 * ```ts
 * import { exports, models } from "sam";
 *
 * const model = models.buildModel("wide_resnet_10_1", { classes: 10 });
 * const variables = model.init(0, [1, 16, 16, 3]);
 * const graph = exports.inferenceGraph(model, variables, [16, 16, 3]);
 * await exports.writeSavedModel(await Deno.makeTempDir(), graph);
 * ```
 *
 * @throws RangeError for a network of more than 2 GiB, which no such file can hold
 */
export async function writeSavedModel(folder: string, exported: InferenceGraph): Promise<void> {
  const { graph, inputShape, classes, constants } = exported;
  const bytes = constants.values().reduce((sum, { data }) => sum + data.byteLength, 0);
  if (bytes > LARGEST) {
    throw new RangeError(
      `Cannot write ${folder}: a SavedModel of constants holds 2 GiB, and the network has ${bytes} ` +
        "bytes. Export it for FLAX",
    );
  }
  const signature = new messages.SignatureDef();
  signature.setMethodName("tensorflow/serving/predict");
  signature.getInputsMap().set(INPUT, tensorInfo(INPUT, inputShape));
  signature.getOutputsMap().set(OUTPUT, tensorInfo(OUTPUT, [-1, classes]));
  const information = new messages.MetaGraphDef.MetaInfoDef();
  information.setTagsList(["serve"]);
  information.setTensorflowVersion(`${backend.binding.TF_Version}`);
  const metaGraph = new messages.MetaGraphDef();
  metaGraph.setMetaInfoDef(information);
  metaGraph.setGraphDef(graph);
  metaGraph.getSignatureDefMap().set("serving_default", signature);
  const model = new messages.SavedModel();
  model.setSavedModelSchemaVersion(1);
  model.setMetaGraphsList([metaGraph]);
  const path = join(folder, "saved_model.pb");
  await writing(path, async () => {
    await Deno.mkdir(folder, { recursive: true });
    await writeDurably(path, [model.serializeBinary()]);
  });
}

function tensorInfo(name: string, shape: readonly number[]): unknown {
  const info = new messages.TensorInfo();
  info.setName(`${name}:0`);
  info.setDtype(DType.float32);
  info.setTensorShape(shapeMessage(shape));
  return info;
}

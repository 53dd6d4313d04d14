/**
 * What tfjs-node offers besides its backend: saving models to `file://` and loading them, and its
 * namespace `tf.node`.
 *
 * ```ts
 * import { node, tf } from "sam";
 *
 * const folder = await Deno.makeTempDir();
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
 * const callbacks = node.tensorBoard(`${folder}/logs`);
 * await model.fit(tf.ones([4, 2]), tf.ones([4, 1]), { callbacks, verbose: 0 });
 * await model.save(`file://${folder}/model`);
 * const again = await tf.loadLayersModel(`file://${folder}/model/model.json`);
 * console.log(again.countParams()); // 3
 * ```
 *
 * @module
 */
import { io } from "@tensorflow/tfjs";
import { fileSystem, nodeFileSystemRouter } from "@tensorflow/tfjs-node-gpu/dist/io/file_system.js";
import { node as all } from "@tensorflow/tfjs-node-gpu/dist/node.js";
import * as image from "./image.ts";

io.registerLoadRouter(nodeFileSystemRouter);
io.registerSaveRouter(nodeFileSystemRouter);

/** tfjs-node's `tf.io.fileSystem`: a handler of models in a folder, or in one or several files. */
export { fileSystem };
/** tfjs-node's `tf.node`: `tensorBoard`, `summaryFileWriter`, `decodeImage`, `loadSavedModel`, … */
export const node: typeof all = { ...all, ...image };

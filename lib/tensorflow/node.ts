/**
 * What tfjs-node offers besides its backend: saving models to `file://` and loading them, and its
 * namespace `tf.node`.
 *
 * ```ts ignore
 * import { node, tf } from "sam";
 * await model.fit(x, y, { callbacks: node.tensorBoard("logs") });
 * await model.save("file://model");
 * const again = await tf.loadLayersModel("file://model/model.json");
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

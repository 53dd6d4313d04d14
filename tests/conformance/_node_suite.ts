/**
 * Loads the test suite that is published inside `@tensorflow/tfjs-node-gpu`, unchanged.
 *
 * The suite is CommonJS beside the sources of tfjs-node, whose entry looks for a native addon. In the
 * entry's and the addon's place it is given this backend, and the packages that it does not declare
 * are given as far as it uses them.
 *
 * @module
 */
import fs from "node:fs";
import Module, { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { backend, fileSystem, node, tf } from "../../lib/tensorflow/mod.ts";

const PACKAGE = /\/@tensorflow\/tfjs-node-gpu\/4\.22\.0\//;

/** The files of the suite, without `.js`, in the folder `dist`. */
const FILES = [
  "callbacks_test",
  "canvas_test",
  "image_test",
  "index_test",
  "int64_tensors_test",
  "io/file_system_test",
  "io/io_utils_test",
  "io/node_http_test",
  "nodejs_kernel_backend_test",
  "saved_model_test",
  "tensorboard_test",
  "tfjs_binding_test",
];

type Load = (request: string, parent: { filename?: string } | undefined, main: boolean) => unknown;

/**
 * Defines the suite's specs in the running jasmine environment.
 *
 * @param jasmineUtil TensorFlow.js core's module of that name
 */
export function defineNodeSpecs(jasmineUtil: unknown): void {
  const require = createRequire(import.meta.url);
  const dist = path.dirname(
    require.resolve("@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js"),
  );
  const loader = Module as unknown as { _load: Load };
  const load = loader._load;
  tf.registerCallbackConstructor(1, require(`${dist}/callbacks.js`).ProgbarLogger);
  const entry = {
    ...tf,
    node,
    version: { ...tf.version, "tfjs-node": require(`${dist}/version.js`).version },
    io: { ...tf.io, ...require(`${dist}/io/index.js`), fileSystem },
  };
  const replaced: Record<string, unknown> = {
    "@tensorflow/tfjs": tf,
    rimraf: (target: string, done: (error: Error | null) => void) =>
      fs.rm(target, { recursive: true, force: true }, done),
    tmp: {
      dirSync: () => ({ name: fs.mkdtempSync(path.join(os.tmpdir(), "sam-")) }),
    },
    "node-fetch": Object.assign((url: string) => fetch(url), { Response }),
    "@tensorflow/tfjs-core/dist/jasmine_util": jasmineUtil,
    "@mapbox/node-pre-gyp": { find: () => "addon" },
    addon: backend.binding,
  };
  loader._load = function (request, parent, main) {
    if (PACKAGE.test(parent?.filename ?? "")) {
      if (/^\.\.?\/index$/.test(request) && !/io\/index/.test(request)) return entry;
      if (Object.hasOwn(replaced, request)) return replaced[request];
    }
    return load.call(this, request, parent, main);
  };
  for (const file of FILES) require(`${dist}/${file}.js`);
}

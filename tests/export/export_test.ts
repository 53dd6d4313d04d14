/** Exports against the programs that they are for. @module */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "node:path";
import { chromium } from "playwright-core";
import {
  inferenceGraph,
  writeFlax,
  writeGraphModel,
  writeSavedModel,
} from "../../lib/export/mod.ts";
import { dense, model } from "../../lib/nn/mod.ts";
import { savedModel, tf } from "../../lib/tensorflow/mod.ts";
import { findChromium } from "../../lib/reports/mod.ts";
import { testUnless } from "../_skip.ts";
import { withFolder } from "../train/_runs.ts";
import { distance, network } from "./_network.ts";

const TOLERANCE = 1e-5;

/** One network of each family. */
const NETWORKS: readonly (readonly [name: string, imageShape: readonly number[]])[] = [
  ["wide_resnet_10_1", [16, 16, 1]],
  ["cifar_resnet_8", [32, 32, 3]],
  ["shake_shake_14_2x16d", [32, 32, 3]],
  ["pyramid_net_11_48_shake_drop", [32, 32, 3]],
  ["resnet_50", [32, 32, 3]],
  ["efficientnet_b0", [32, 32, 3]],
];

/** The files of a graph model, as TensorFlow.js loads them. */
async function artifacts(folder: string): Promise<tf.io.ModelArtifacts> {
  const json = JSON.parse(await Deno.readTextFile(join(folder, "model.json")));
  const [{ paths, weights }] = json.weightsManifest;
  const parts = await Promise.all(paths.map((path: string) => Deno.readFile(join(folder, path))));
  const weightData = await new Blob(parts).arrayBuffer();
  return { ...json, weightSpecs: weights, weightData };
}

/** Logits by TensorFlow.js's own backend in JavaScript. */
async function onCpu(folder: string, images: Float32Array, shape: readonly number[]) {
  tf.setBackend("cpu");
  try {
    const loaded = await tf.loadGraphModel({ load: () => artifacts(folder) });
    const input = tf.tensor(images, [...shape]);
    const output = loaded.predict(input) as tf.Tensor;
    const logits = output.dataSync();
    tf.dispose([input, output]);
    loaded.dispose();
    return logits;
  } finally {
    tf.setBackend("tensorflow");
  }
}

for (const [name, shape] of NETWORKS) {
  Deno.test(`export: ${name} gives the same logits in TensorFlow.js and in a SavedModel`, () =>
    withFolder(async (folder) => {
      const { model, variables, images, logits } = network(name, shape);
      const before = tf.memory().numTensors;
      const graph = inferenceGraph(model, variables, shape);
      assertEquals(tf.memory().numTensors, before);
      assertEquals([graph.inputShape, graph.classes], [[-1, ...shape], 10]);
      await writeGraphModel(join(folder, "tfjs"), graph);
      const pixels = images.dataSync() as Float32Array;
      const inJavaScript = await onCpu(join(folder, "tfjs"), pixels, images.shape);
      assert(distance(logits, inJavaScript) < TOLERANCE, `${distance(logits, inJavaScript)}`);
      await writeSavedModel(join(folder, "saved"), graph);
      const saved = await savedModel.loadSavedModel(join(folder, "saved"));
      for (const count of [5, 1]) {
        const { logits: output } = saved.predict({ images: tf.slice(images, 0, count) }) as {
          logits: tf.Tensor;
        };
        assertEquals(output!.shape, [count, 10]);
        const away = distance(logits.subarray(0, 10 * count), output!.dataSync());
        assert(away < TOLERANCE, `${away}`);
      }
      saved.dispose();
    }));
}

Deno.test("export: a network whose graph depends on the batch in another way is refused", () => {
  const dependent = model((scope, images) =>
    dense(scope.child("logits"), images.mul(images.shape[0]!).reshape([images.shape[0]!, 4]), 2)
  );
  const message = "depends on theirs";
  assertThrows(
    () => inferenceGraph(dependent, dependent.init(0, [1, 2, 2, 1]), [2, 2, 1]),
    Error,
    message,
  );
});

Deno.test("export: a folder that cannot be made is told with its path", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "file"), "");
    const { model, variables } = network("wide_resnet_10_1", [16, 16, 1]);
    const graph = inferenceGraph(model, variables, [16, 16, 1]);
    const below = join(folder, "file", "below");
    await assertRejects(() => writeSavedModel(below, graph), Error, below);
    await assertRejects(() => writeGraphModel(below, graph), Error, below);
    await assertRejects(() => writeFlax(below, variables), Error, below);
  }));

const python = Deno.env.get("SAM_EXPORTS_PYTHON");
const missingPython = python
  ? undefined
  : "SAM_EXPORTS_PYTHON does not name a Python that has tensorflow and flax";
const script = new URL("_python.py", import.meta.url).pathname;

testUnless(
  missingPython,
  "export: FLAX and TensorFlow in Python give the same logits",
  () =>
    withFolder(async (folder) => {
      const { model, variables, images, logits } = network("cifar_resnet_8", [32, 32, 3]);
      const pixels = images.dataSync() as Float32Array<ArrayBuffer>;
      await Deno.writeFile(join(folder, "images"), new Uint8Array(pixels.slice().buffer));
      await writeFlax(join(folder, "flax"), variables);
      await writeSavedModel(
        join(folder, "savedmodel"),
        inferenceGraph(model, variables, [32, 32, 3]),
      );
      for (const kind of ["flax", "savedmodel"]) {
        const args = [script, kind, join(folder, kind), join(folder, "images")];
        const { stdout, stderr } = await new Deno.Command(python!, { args }).output();
        const text = new TextDecoder().decode(stdout);
        assert(text !== "", new TextDecoder().decode(stderr));
        const away = distance(logits, JSON.parse(text).flat());
        assert(away < TOLERANCE, `${kind}: ${away}`);
      }
    }),
);

const missingBrowser = findChromium() === undefined ? "there is no Chromium" : undefined;

testUnless(
  missingBrowser,
  "export: TensorFlow.js in Chromium gives the same logits",
  () =>
    withFolder(async (folder) => {
      const { model, variables, images, logits } = network("cifar_resnet_8", [32, 32, 3]);
      await writeGraphModel(folder, inferenceGraph(model, variables, [32, 32, 3]));
      const library = new URL("tf.min.js", import.meta.resolve("@tensorflow/tfjs"));
      await Deno.copyFile(library, join(folder, "tf.min.js"));
      await Deno.writeTextFile(join(folder, "index.html"), '<script src="tf.min.js"></script>');
      await using server = Deno.serve(
        { hostname: "127.0.0.1", port: 0, onListen() {} },
        async (request) => {
          const { pathname } = new URL(request.url);
          const body = await Deno.readFile(join(folder, pathname)).catch(() => undefined);
          const type = pathname.endsWith(".html") ? "text/html" : "application/octet-stream";
          return new Response(body, {
            status: body ? 200 : 404,
            headers: { "content-type": type },
          });
        },
      );
      const browser = await chromium.launch({
        executablePath: findChromium()!,
        args: ["--no-sandbox"],
      });
      try {
        const page = await browser.newPage();
        await page.goto(`http://127.0.0.1:${server.addr.port}/index.html`);
        const code = `(async (pixels) => {
        await tf.setBackend("cpu");
        const model = await tf.loadGraphModel("model.json");
        return Array.from(await model.predict(tf.tensor(pixels, [5, 32, 32, 3])).data());
      })(${JSON.stringify(Array.from(images.dataSync()))})`;
        const found = await page.evaluate(code) as number[];
        assert(distance(logits, found) < TOLERANCE, `${distance(logits, found)}`);
      } finally {
        await browser.close();
      }
    }),
);

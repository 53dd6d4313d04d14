import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { backend, compile, savedModel, TensorFlowError, tf } from "../../lib/tensorflow/mod.ts";
import { assertClose, values } from "../_tensors.ts";
import { leavesNothing } from "./_leaks.ts";

const { getMetaGraphsFromSavedModel, getNumOfSavedModels, loadSavedModel } = savedModel;

/** By `goldens/saved_model.py`, with Python TensorFlow. */
const folder = new URL("../goldens/saved_model", import.meta.url).pathname;
const tags = ["serve"];
const LABELS = ["cat", "dög", "", "a label of more bytes than fit into the string itself"];

Deno.test("getMetaGraphsFromSavedModel tells signatures, names and dtypes", async () => {
  const [graph] = await getMetaGraphsFromSavedModel(folder);
  assertEquals(graph!.tags, tags);
  const { serving_default: serving, label } = graph!.signatureDefs;
  assertEquals(serving!.inputs.x!.name, "x:0");
  assertEquals([label!.inputs.ids!.tfDtype, label!.inputs.ids!.dtype], ["DT_INT64", "int32"]);
  assertEquals(Object.keys(label!.outputs).sort(), ["labels", "names", "next"]);
});

Deno.test("loadSavedModel predicts what Python TensorFlow does", () =>
  leavesNothing(async () => {
    const model = await loadSavedModel(folder);
    assertEquals(getNumOfSavedModels(), 1);
    const x = tf.tensor2d([[1, 2], [-3, 0.5]]);
    const expected = [
      0.8004990220069885,
      0.9926314949989319,
      -0.8551470041275024,
      0.9989995956420898,
    ];
    for (let i = 0; i < 3; i++) {
      const y = model.predict(x) as tf.Tensor;
      const [list] = model.predict([x]) as tf.Tensor[];
      const { y: named } = model.predict({ x }) as tf.NamedTensorMap;
      for (const result of [y, list!, named!]) assertClose(result, expected, 1e-6);
      tf.dispose([y, list!, named!]);
    }
    x.dispose();
    model.dispose();
    assertEquals(getNumOfSavedModels(), 0);
    assertThrows(() => model.predict(x), Error, "already been deleted");
  }));

Deno.test("loadSavedModel takes int64 and strings, and gives the model's own strings each time", () =>
  leavesNothing(async () => {
    const model = await loadSavedModel(folder, tags, "label");
    const inputs = { ids: tf.tensor1d([3, 0, 1], "int32"), prefix: tf.scalar("ein ") };
    for (let i = 0; i < 3; i++) {
      const results = model.predict(inputs) as tf.NamedTensorMap;
      const text = (name: string) => results[name]!.dataSync() as unknown as string[];
      assertEquals(text("names"), [3, 0, 1].map((id) => `ein ${LABELS[id]}`));
      assertEquals(text("labels"), LABELS);
      assertEquals([results.next!.dtype, values(results.next!)], ["int32", [4, 1, 2]]);
      tf.dispose(results);
    }
    assertEquals(inputs.prefix.dataSync() as unknown, ["ein "]);
    tf.dispose(inputs);
    model.dispose();
  }));

Deno.test("loadSavedModel shares a session between signatures until the last is disposed", async () => {
  const models = [await loadSavedModel(folder), await loadSavedModel(folder, tags, "label")];
  assertEquals(getNumOfSavedModels(), 1);
  models[0]!.dispose();
  assertEquals(getNumOfSavedModels(), 1);
  models[1]!.dispose();
  assertEquals(getNumOfSavedModels(), 0);
});

Deno.test("loadSavedModel refuses folders, tags and signatures that are not there", async () => {
  await assertRejects(() => loadSavedModel("/nowhere"), Error, "/nowhere");
  await assertRejects(() => loadSavedModel(folder, ["train"]), Error, "train");
  await assertRejects(() => loadSavedModel(folder, tags, "other"), Error, "other");
  const { binding } = backend;
  const load = (path: string, tags: string) => () => binding.loadSavedModel(path, tags);
  assertThrows(load("/nowhere", "serve"), TensorFlowError, "Cannot load the saved model /nowhere");
  assertThrows(load(folder, "train,gpu"), TensorFlowError, "(tags train, gpu)");
  assertEquals(getNumOfSavedModels(), 0);
});

Deno.test("the binding refuses to run a saved model with wrong names or inputs", () =>
  leavesNothing(() => {
    const { binding } = backend;
    const id = binding.loadSavedModel(folder, "serve");
    const x = binding.createTensor([1, 2], binding.TF_FLOAT, [1, 2]);
    const y = "Tanh";
    const run = (...args: [number[], string, string]) => () => binding.runSavedModel(id, ...args);
    assertThrows(run([x], "x", "nothing"), Error, "no operation nothing");
    assertThrows(run([x], "x", `${y}:7`), TensorFlowError, "Cannot run a saved model");
    assertThrows(run([], "x", y), RangeError, "with 0 tensors: it takes 1");
    assertThrows(run([x, x], "x", y), RangeError, "with 2 tensors: it takes 1");
    assertThrows(run([], "", y), TensorFlowError, "Cannot run a saved model");
    binding.deleteTensor(x);
    assertThrows(run([x], "x", y), Error, `Cannot use tensor ${x}`);
    binding.deleteSavedModel(id);
    assertThrows(run([], "", y), Error, `Cannot use saved model ${id}: it was deleted`);
    assertThrows(() => binding.deleteSavedModel(id), Error, "it was deleted");
  }));

Deno.test("a saved model does not run in a trace", () =>
  leavesNothing(async () => {
    const model = await loadSavedModel(folder);
    const f = compile((x: tf.Tensor) => model.predict(x) as tf.Tensor, { name: "f" });
    const x = tf.ones([1, 2]);
    assertThrows(() => f.sync(x), Error, "Cannot run a saved model while f is being traced");
    x.dispose();
    model.dispose();
  }));

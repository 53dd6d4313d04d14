import { assert, assertEquals, assertRejects } from "@std/assert";
import { fileSystem, node, tf } from "../../lib/tensorflow/mod.ts";
import { withoutLeaks } from "../_tensors.ts";

/** Events of a TensorBoard file, each after 12 bytes of length and before 4 of a sum. */
function events(folder: string): Uint8Array[] {
  const [file] = [...Deno.readDirSync(folder)].filter(({ name }) => name.includes("tfevents"));
  const bytes = Deno.readFileSync(`${folder}/${file!.name}`);
  const view = new DataView(bytes.buffer);
  const found: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(view.getBigUint64(at, true));
    found.push(bytes.subarray(at + 12, at + 12 + length));
    at += 16 + length;
  }
  return found;
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

Deno.test("models are saved to files and loaded from them, as in tfjs-node", () =>
  withoutLeaks(async () => {
    const folder = Deno.makeTempDirSync();
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
    await model.save(`file://${folder}/a`);
    await model.save(fileSystem(`${folder}/b`));
    const x = tf.ones([1, 3]);
    const y = model.predict(x) as tf.Tensor;
    for (const name of ["a", "b"]) {
      const again = await tf.loadLayersModel(`file://${folder}/${name}/model.json`);
      const z = again.predict(x) as tf.Tensor;
      assertEquals([...z.dataSync()], [...y.dataSync()]);
      z.dispose();
      again.dispose();
    }
    await assertRejects(() => tf.loadLayersModel(`file://${folder}/none.json`), Error, "none.json");
    tf.dispose([x, y]);
    model.dispose();
    Deno.removeSync(folder, { recursive: true });
  }));

Deno.test("tensorBoard writes what LayersModel.fit tells", async () => {
  const folder = Deno.makeTempDirSync();
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [3] })] });
  model.compile({ loss: "meanSquaredError", optimizer: "sgd" });
  const callbacks = node.tensorBoard(folder);
  await model.fit(tf.ones([4, 3]), tf.ones([4, 1]), { epochs: 2, verbose: 0, callbacks });
  assert(events(`${folder}/train`).some((event) => text(event).includes("loss")));
  model.dispose();
  tf.disposeVariables();
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("histograms of values that are all the same have one bucket", () => {
  const folder = Deno.makeTempDirSync();
  const writer = node.summaryFileWriter(folder);
  tf.tidy(() => {
    writer.histogram("same", tf.fill([7], 3), 0);
    writer.histogram("others", tf.range(0, 10), 0, 5);
    writer.histogram("none", tf.tensor1d([]), 0);
  });
  writer.flush();
  const written = events(folder);
  // [[2.5, 3.5, 7]] as float32.
  const bucket = new Uint8Array(Float32Array.of(2.5, 3.5, 7).buffer);
  const same = written.find((event) => text(event).includes("same"))!;
  assert(bytesInclude(same, bucket));
  assertEquals(written.filter((event) => /others|none/.test(text(event))).length, 2);
  Deno.removeSync(folder, { recursive: true });
});

function bytesInclude(bytes: Uint8Array, part: Uint8Array): boolean {
  return bytes.some((_, at) => part.every((byte, index) => bytes[at + index] === byte));
}

/** What would end the process in C++ is refused before, or made possible. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { CheckpointError, openCheckpoint } from "../../lib/checkpoints/mod.ts";
import { attribute, backend, dataset, DType, tf } from "../../lib/tensorflow/mod.ts";
import { leavesNothing } from "./_leaks.ts";
import { runScript } from "./_process.ts";

const refused = (body: () => unknown, message: string) => assertThrows(body, RangeError, message);
const axes = (count: number) => new Array<number>(count).fill(1);
const ten = () =>
  dataset.fromArrays({ x: { values: Int32Array.from({ length: 10 }, (_, i) => i), shape: [10] } });

Deno.test("shapes that TensorFlow cannot take are refused wherever they come from", () =>
  leavesNothing(() => {
    const huge = [2 ** 40, 2 ** 40, 0];
    refused(() => tf.tensor([], huge), "more elements than 2⁵³");
    refused(() => backend.binding.createHandle(huge, DType.float32, []), "more elements than 2⁵³");
    refused(() => tf.tensor([1], axes(300)), "300 axes, more than 126");
    refused(
      () => dataset.fromArrays({ x: { values: new Float32Array(), shape: huge } }),
      "more elements",
    );
    const variable = (shape: number[]) =>
      backend.run("VarHandleOp", [
        attribute.type("dtype", DType.float32),
        attribute.shape("shape", shape),
      ], []);
    refused(() => variable(huge), "more elements");
    refused(() => variable(axes(300)), "300 axes");
    tf.tidy(() => {
      const sum = tf.tensor([1, 2], [2, 2 ** 52 / 2 ** 52]);
      assertEquals(sum.shape, [2, 1]);
    });
  }));

Deno.test("axes do not grow until the process ends", () =>
  leavesNothing(() => {
    tf.tidy(() => {
      const grow = (step: (x: tf.Tensor) => tf.Tensor) => () => {
        let x: tf.Tensor = tf.ones([1]);
        for (let count = 0; count < 300; count++) x = step(x);
      };
      refused(grow((x) => tf.expandDims(x, 0)), "a tensor of 127 axes: at most 126 are possible");
      refused(grow((x) => tf.stack([x])), "has 127 axes, more than 126");
      const most = tf.tensor([1, 2], [2, ...axes(125)]);
      assertEquals(tf.add(most, most).shape.length, 126);
      refused(() => tf.tensor([1], axes(127)), "127 axes, more than 126");
    });
  }));

Deno.test("data sets take no memory for more elements than there are", async () => {
  for (const buffer of [10, 1e12, Number.MAX_SAFE_INTEGER]) {
    const seen: number[] = [];
    for await (const { x } of ten().shuffle(buffer).epoch(1)) {
      seen.push(x.dataSync()[0]!);
      x.dispose();
    }
    assertEquals(seen.toSorted((a, b) => a - b), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  }
  refused(() => ten().batch(2 ** 52, { dropRemainder: true }), "at most 100000000");
  refused(() => ten().prefetch(1e12), "at most 100000000");
  refused(() => ten().map((element) => element, { parallel: 1e12 }), "at most 4096");
  refused(() => dataset.fromRecordFiles([], 1e12).shuffle(), "at most 100000000");
});

Deno.test("data sets skip by more than 32 bits", async () => {
  for (const count of [10, 2 ** 31, 2 ** 32 + 3, 2 ** 52, Number.MAX_SAFE_INTEGER]) {
    for await (const { x } of ten().skip(count).epoch()) {
      throw new Error(`skip(${count}) left ${x.dataSync()}`);
    }
  }
  refused(() => ten().skip(2 ** 53), "below 2⁵³");
});

Deno.test("files whose shapes TensorFlow cannot take are refused by name", () => {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/hostile.safetensors`;
  for (
    const [shape, problem] of [[[2 ** 40, 2 ** 40, 0], "more elements"], [axes(300), "300 axes"]]
  ) {
    const bytes = (shape as number[]).includes(0) ? 0 : 4;
    const header = JSON.stringify({ w: { dtype: "F32", shape, data_offsets: [0, bytes] } });
    const file = new Uint8Array(8 + header.length + bytes);
    new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
    file.set(new TextEncoder().encode(header), 8);
    Deno.writeFileSync(path, file);
    assertThrows(
      () => openCheckpoint(path),
      CheckpointError,
      `tensor "w" has ${problem === "more elements" ? problem : "300 axes"}`,
    );
  }
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("epochs that are dropped after one element are released", async () => {
  const { stdout, code, stderr } = await runScript(`
    const { tf, backend, dataset } = engine;
    const values = new Float32Array(40 * 4096);
    const data = dataset.fromArrays({ x: { values, shape: [40, 4096] } })
      .map(({ x }) => ({ x: tf.add(x, 1) })).batch(4).prefetch(4);
    const before = backend.binding.getNumOfTensors();
    for (let seed = 0; seed < 100; seed++) {
      const { value } = await data.epoch(seed).next();
      value.x.dispose();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    console.log(backend.binding.getNumOfTensors() - before);
    Deno.exit();`);
  assertEquals(code, 0, stderr);
  // All 100 where nothing tells the garbage collector of them.
  assert(Number(stdout) < 60, `${stdout} of 100 epochs are held`);
});

Deno.test("epochs that are dropped keep little memory, however many they are", async () => {
  const { stdout, code, stderr } = await runScript(`
    const { tf, dataset } = engine;
    const values = new Float32Array(256 * 4096);
    const data = dataset.fromArrays({ x: { values, shape: [256, 4096] } }).shuffle()
      .map(({ x }) => ({ x: tf.add(x, 1) })).batch(32).prefetch(4);
    for await (const { x } of data.epoch(1000)) x.dispose();
    const before = Deno.memoryUsage().rss;
    for (let seed = 0; seed < 200; seed++) {
      const { value } = await data.epoch(seed).next();
      value.x.dispose();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    console.log(Math.round((Deno.memoryUsage().rss - before) / 2 ** 20));
    Deno.exit();`);
  assertEquals(code, 0, stderr);
  assert(Number(stdout) < 120, `${stdout.trim()} MiB are kept`);
});

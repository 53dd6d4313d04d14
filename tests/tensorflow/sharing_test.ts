/** Tensors of one data: what is shared, counted, and released at once. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { attribute, backend, compile, DType, image, tf } from "../../lib/tensorflow/mod.ts";
import { assertClose, scoped, values } from "../_tensors.ts";
import { held, leavesNothing } from "./_leaks.ts";
import { runScript } from "./_process.ts";

Deno.test("a reshaped tensor and one of the same dtype share the data", () =>
  leavesNothing(() => {
    const x = tf.tidy(() => tf.neg(tf.tensor2d([[1, 2, 3], [4, 5, 6]])));
    const before = { data: tf.memory().numDataBuffers, ...held() };
    const tall = tf.reshape(x, [3, -1]);
    const same = tf.cast(x, "float32");
    assertEquals({ data: tf.memory().numDataBuffers, ...held() }, {
      ...before,
      tensors: before.tensors + 2,
    });
    x.dispose();
    same.dispose();
    assertEquals(tall.shape, [3, 2]);
    assertEquals(values(tall), [-1, -2, -3, -4, -5, -6]);
    const product = tf.tidy(() => tf.matMul(tall, tf.tensor2d([[1], [1]])));
    assertEquals(values(product), [-3, -7, -11]);
    tf.dispose([tall, product]);
  }));

Deno.test(
  "data are read in the shape of each of their tensors",
  scoped(() => {
    const x = tf.range(0, 6);
    const rows = tf.reshape(x, [2, 3]) as tf.Tensor2D, columns = tf.reshape(rows, [3, 2]);
    assertClose(tf.sum(rows, 0), [3, 5, 7]);
    assertClose(tf.sum(columns, 0), [6, 9]);
    assertClose(tf.sum(rows, 1), [3, 12]);
    assertClose(tf.transpose(tf.reshape(x.clone(), [3, 2])), [0, 2, 4, 1, 3, 5]);
    assertThrows(() => tf.reshape(x, [4, 2]), Error);
    // Before an operation had them, and of variables.
    const written = tf.tensor1d([1, 2, 3, 4]);
    assertClose(tf.matMul(tf.reshape(written, [2, 2]) as tf.Tensor2D, tf.eye(2)), [1, 2, 3, 4]);
    const variable = tf.variable(tf.reshape(written, [2, 2]));
    assertClose(tf.sum(variable, 0), [4, 6]);
    variable.dispose();
  }),
);

Deno.test(
  "a trace captures data in the shape of each of their tensors",
  scoped(() => {
    const x = tf.range(0, 4);
    const square = tf.reshape(x, [2, 2]) as tf.Tensor2D;
    const variable = tf.variable(square);
    const sums = compile((one: tf.Tensor) => [
      tf.mul(one, tf.sum(x, 0)),
      tf.mul(one, tf.sum(square, 0)),
      tf.mul(one, tf.sum(variable, 1)),
      tf.reshape(one, [1, 1]),
    ]);
    for (let call = 0; call < 2; call++) {
      const [total, columns, rows, one] = sums.sync(tf.scalar(1));
      assertClose(total!, [6]);
      assertClose(columns!, [2, 4]);
      assertClose(rows!, [1, 5]);
      assertEquals(one!.shape, [1, 1]);
    }
    sums.dispose();
    variable.dispose();
  }),
);

Deno.test("decoded bytes become int32 by a cast, though both have that name", async () => {
  const white = tf.fill([1, 2, 3], 255, "int32") as tf.Tensor3D;
  const pixels = image.decodePng(await image.encodePng(white));
  scoped(() => {
    const integers = tf.cast(pixels, "int32");
    assertEquals(values(tf.add(integers, tf.scalar(1, "int32"))), new Array(6).fill(256));
  })();
  tf.dispose([white, pixels]);
});

Deno.test("training finds no leak of the backend", () =>
  leavesNothing(async () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [3] })] });
    const optimizer = tf.train.sgd(0.1);
    model.compile({ loss: "meanSquaredError", optimizer });
    const [x, y] = [tf.ones([4, 3]), tf.ones([4, 1])];
    tf.env().set("IS_TEST", true); // checks the data after each kernel
    try {
      await model.fit(x, y, { epochs: 1, verbose: 0 });
    } finally {
      tf.env().set("IS_TEST", false);
    }
    model.dispose();
    optimizer.dispose();
    tf.dispose([x, y]);
  }));

Deno.test("memory does not grow without a turn of the event loop", async () => {
  const { stdout, code, stderr } = await runScript(
    `
    const { tf, image, compile } = engine;
    const bytes = await image.encodeJpeg(tf.ones([8, 8, 3], "int32"));
    const double = compile((x) => [tf.add(x, x), tf.neg(x)]);
    const w = tf.variable(tf.tensor1d([4, -4]));
    const optimizer = tf.train.sgd(0.001);
    const x = tf.ones([2]);
    const turn = () => {
      image.decodeJpeg(bytes).dispose();
      tf.dispose(double.sync(x));
      if (Math.random() < 0.1) optimizer.minimize(() => tf.sum(tf.square(w)));
    };
    for (let i = 0; i < 2000; i++) turn();
    gc();
    const before = Deno.memoryUsage().heapUsed;
    for (let i = 0; i < 15000; i++) turn();
    gc();
    console.log((Deno.memoryUsage().heapUsed - before) / 2 ** 20);`,
    {
      flags: ["--v8-flags=--expose-gc"],
    },
  );
  assertEquals(code, 0, stderr);
  // 9 MiB and more where each tensor's record stays until the event loop turns.
  assert(Number(stdout) < 3, `${stdout} MiB more of heap`);
});

Deno.test(
  "an attribute of another dtype than the input is refused",
  scoped(() => {
    const x = tf.tensor1d([1.5]);
    const int32 = [attribute.type("T", DType.int32)];
    assertThrows(
      () => backend.run("Neg", int32, [x]),
      TypeError,
      "Cannot run Neg: its attribute T is int32, and an input is of float32",
    );
    assertThrows(() => backend.run("AddN", [...int32, attribute.int("N", 2)], [x, x]), TypeError);
    assertThrows(
      () => compile((x: tf.Tensor) => backend.run("Neg", int32, [x])).sync(x),
      TypeError,
    );
  }),
);

Deno.test(
  "sorted rows of one dtype are searched for values of another",
  scoped(() => {
    const integers = tf.tensor1d([1, 2, 3], "int32"), floats = tf.tensor1d([1.5, 2, 9]);
    assertEquals(values(tf.lowerBound(integers, floats)), [1, 1, 3]);
    assertEquals(values(tf.upperBound(integers, floats)), [1, 2, 3]);
    assertEquals(values(tf.searchSorted(floats, integers)), [0, 1, 2]);
  }),
);

import { assert, assertEquals, assertThrows } from "@std/assert";
import { compile, shapesOnly, tf } from "../../lib/tensorflow/mod.ts";
import { leavesNothing, residentMiB } from "./_leaks.ts";

const MILLION = 1_000_000;

Deno.test("shapesOnly gives shapes and dtypes without computing", () =>
  leavesNothing(() => {
    const before = residentMiB();
    const found = shapesOnly("a product of millions", (placeholder) => {
      const a = placeholder([MILLION, 3 * MILLION]) as tf.Tensor2D;
      const b = placeholder([3 * MILLION, 7]) as tf.Tensor2D;
      const product = tf.relu(tf.matMul(a, b));
      const index = tf.argMax(product, 1);
      return [product, index].map(({ shape, dtype }) => ({ shape, dtype }));
    });
    assertEquals(found, [{ shape: [MILLION, 7], dtype: "float32" }, {
      shape: [MILLION],
      dtype: "int32",
    }]);
    assert(residentMiB() - before < 100);
  }));

Deno.test("shapesOnly takes dtypes, scalars, tensors from outside and compiled functions", () =>
  leavesNothing(() => {
    const outside = tf.ones([4]);
    const inner = compile((x: tf.Tensor) => tf.add(x, outside));
    const shape = shapesOnly("f", (placeholder) => {
      const flags = placeholder([3, 1], "bool");
      return inner.sync(tf.where(flags, placeholder([]), outside)).shape;
    });
    assertEquals([shape, inner.traceCount], [[3, 4], 0]);
    outside.dispose();
  }));

Deno.test("shapesOnly sees the shapes of gradients", () =>
  leavesNothing(() => {
    const shape = shapesOnly("f", (placeholder) => {
      const images = placeholder([8, 32, 32, 3]) as tf.Tensor4D;
      const loss = (filter: tf.Tensor) =>
        tf.mean(tf.square(tf.conv2d(images, filter as tf.Tensor4D, 2, "same")));
      return tf.grad(loss)(placeholder([3, 3, 3, 16])).shape;
    });
    assertEquals(shape, [3, 3, 3, 16]);
  }));

Deno.test("shapesOnly refuses what a trace refuses, and what does not fit", () =>
  leavesNothing(() => {
    const run = (body: (x: tf.Tensor) => unknown) => () =>
      shapesOnly("f", (placeholder) => body(placeholder([2, 3])));
    assertThrows(run((x) => x.dataSync()), Error, "while f is being traced");
    assertThrows(run(() => tf.randomNormal([2])), Error, "while f is being traced");
    assertThrows(run((x) => tf.matMul(x, x)), Error, "Dimensions must be equal, but are 3 and 2");
    assertThrows(run(() => shapesOnly("g", () => 1)), Error, "Cannot trace g while f is");
    assertThrows(run((x) => (tf.keep(tf.neg(x)), 1)), Error, "outlive the trace");
    assertEquals(run((x) => x.shape)(), [2, 3]);
  }));

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  attribute,
  backend,
  compile,
  DType,
  TensorFlowError,
  tf,
} from "../../lib/tensorflow/mod.ts";
import { values } from "../_tensors.ts";
import { leavesNothing } from "./_leaks.ts";
import { runScript } from "./_process.ts";

/** Powers of a matrix, about a second of work. */
const work = compile((x: tf.Tensor) => {
  let y = x;
  for (let i = 0; i < 24; i++) y = tf.matMul(y, x).mul(1 / x.shape[0]!);
  return tf.max(y);
}, { name: "work" });

const checkNumerics = [
  attribute.type("T", DType.float32),
  attribute.string("message", "seen by the test"),
];
const check = compile(
  (x: tf.Tensor) => backend.run("CheckNumerics", checkNumerics, [tf.mul(x, 2)])[0]!,
  { name: "check" },
);

Deno.test("compiled functions leave the event loop alive while they run", () =>
  leavesNothing(async () => {
    const x = tf.ones([1200, 1200]);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    const start = performance.now();
    const y = await work(x);
    const elapsed = performance.now() - start;
    clearInterval(timer);
    assert(Math.abs(values(y)[0]! - 1) < 1e-3);
    // A blocked loop would not tick at all; a busy machine misses most.
    assert(ticks >= 3, `${ticks} ticks of 5 ms in ${elapsed.toFixed()} ms`);
    tf.dispose([x, y]);
  }));

Deno.test("compiled functions run several calls at once, each with its own result", () =>
  leavesNothing(async () => {
    const double = compile((x: tf.Tensor) => tf.sum(tf.matMul(x, tf.ones([64, 64]))));
    const xs = Array.from({ length: 40 }, (_, i) => tf.fill([64, 64], i));
    const calls = xs.map((x) => double(x));
    xs.forEach((x) => x.dispose()); // what is in flight has its own hold on them
    const results = await Promise.all(calls);
    assertEquals(results.flatMap(values), xs.map((_, i) => i * 64 * 64 * 64));
    assertEquals(double.traceCount, 1);
    tf.dispose(results);
    double.dispose();
  }));

Deno.test("compiled functions can be called, and the engine used, while another runs", () =>
  leavesNothing(async () => {
    const x = tf.ones([600, 600]);
    const running = work(x);
    const square = compile((x: tf.Tensor) => tf.square(x));
    tf.tidy(() => {
      assertEquals(values(square.sync(tf.scalar(3))), [9]);
      assertEquals(values(tf.add(1, 2)), [3]);
    });
    const y = await running;
    assert(Math.abs(values(y)[0]! - 1) < 1e-3);
    square.dispose();
    tf.dispose([x, y]);
  }));

Deno.test("compiled functions reject with TensorFlow's error, which leaves nothing behind", () =>
  leavesNothing(async () => {
    const [good, bad] = [tf.tensor1d([1, 2]), tf.tensor1d([1, NaN])];
    for (let i = 0; i < 3; i++) {
      const calls = [check(good), check(bad), check(good)];
      const error = await assertRejects(() => calls[1]!, TensorFlowError, "seen by the test");
      assertMatch(error.message, /^Cannot run \w*check: .*NaN/s);
      assertEquals(error.code, "INVALID_ARGUMENT");
      const results = await Promise.all([calls[0]!, calls[2]!]);
      assertEquals(results.map(values), [[2, 4], [2, 4]]);
      tf.dispose(results);
    }
    tf.dispose([good, bad]);
  }));

Deno.test("compiled functions leave no tensors and no memory over many calls", () =>
  leavesNothing(async () => {
    const step = compile((state: tf.Tensor[]) => state.map((x) => tf.add(x, 1)), { donate: [0] });
    let state = Array.from({ length: 20 }, () => tf.zeros([1000]) as tf.Tensor);
    for (let i = 0; i < 200; i++) state = await step(state);
    assertEquals(values(state[19]!).slice(0, 2), [200, 200]);
    tf.dispose(state);
    step.dispose();
  }));

Deno.test("compiled functions write where they should when garbage is collected meanwhile", async () => {
  const { code, stdout, stderr } = await runScript(
    `const { tf, compile } = engine;
    const f = compile((x) => {
      let y = x;
      for (let i = 0; i < 30; i++) y = tf.matMul(y, x);
      return [tf.max(y), tf.min(y)];
    });
    const eye = tf.eye(200);
    const garbage = () => Array.from({ length: 2000 }, (_, i) => new BigUint64Array(i % 9).fill(7n));
    let right = 0;
    for (let i = 0; i < 30; i++) {
      const calls = [f(eye), f(eye), f(eye)];
      for (let j = 0; j < 4; j++) {
        garbage();
        globalThis.gc();
        await new Promise((resolve) => setTimeout(resolve));
      }
      for (const [max, min] of await Promise.all(calls)) {
        if (max.dataSync()[0] === 1 && min.dataSync()[0] === 0) right++;
        tf.dispose([max, min]);
      }
    }
    console.log(right);`,
    { flags: ["--v8-flags=--expose-gc"] },
  );
  assertEquals([stdout, code], ["90\n", 0], stderr);
});

import { assert, assertEquals } from "@std/assert";
import {
  attribute,
  backend,
  compile,
  DType,
  leaves,
  random,
  tf,
} from "../../lib/tensorflow/mod.ts";
import { values } from "../_tensors.ts";
import { leavesNothing } from "./_leaks.ts";

Deno.test("compile takes and gives trees, with plain values among the arguments", () =>
  leavesNothing(() => {
    const fn = compile((
      { pair: [a, b], scale }: { pair: [tf.Tensor, tf.Tensor]; scale: number },
      mode: "sum" | "product" | null,
    ) => ({
      all: [a, { b }, []],
      nothing: undefined,
      none: null,
      combined: tf.mul(mode === "sum" ? tf.add(a, b) : tf.mul(a, b), scale),
    }));
    const pair: [tf.Tensor, tf.Tensor] = [tf.scalar(2), tf.scalar(5)];
    const sum = fn.sync({ pair, scale: 10 }, "sum");
    assertEquals(Object.keys(sum), ["all", "nothing", "none", "combined"]);
    assertEquals([sum.nothing, sum.none, sum.all[2]], [undefined, null, []]);
    assertEquals(leaves([sum.all, sum.combined] as tf.Tensor[]).map(values), [[2], [5], [70]]);
    const product = fn.sync({ scale: 10, pair }, null);
    assertEquals(values(product.combined), [100]);
    assertEquals(fn.traceCount, 2);
    fn.dispose();
    tf.dispose([pair, sum, product] as tf.TensorContainer);
  }));

Deno.test("compile takes and gives every dtype", () =>
  leavesNothing(async () => {
    const swap = compile((all: tf.Tensor[]) => all.toReversed());
    const args = [
      tf.tensor1d([1.5]),
      tf.tensor1d([7], "int32"),
      tf.tensor1d([true, false]),
      tf.tensor1d(["ä", ""]),
      tf.complex([1], [2]),
    ];
    const results = await swap(args);
    assertEquals(results.map(({ dtype }) => dtype).toReversed(), args.map(({ dtype }) => dtype));
    assertEquals(results[1]!.dataSync() as unknown, ["ä", ""]);
    assertEquals(values(results[0]!), [1, 2]);
    swap.dispose();
    tf.dispose([args, results]);
  }));

Deno.test("compile gives results of their own: what is handed through is not the argument", () =>
  leavesNothing(() => {
    const outside = tf.scalar(3);
    const fn = compile((x: tf.Tensor) => [x, x, outside, outside.clone(), tf.scalar(9)]);
    const x = tf.scalar(1);
    const results = fn.sync(x);
    tf.dispose([x]);
    assertEquals(results.map((result) => values(result)[0]), [1, 1, 3, 3, 9]);
    assertEquals(new Set(results).size, 5);
    assertEquals(outside.isDisposed, false);
    fn.dispose();
    tf.dispose([results, outside]);
  }));

Deno.test("compile reads captured tensors and variables at each call", () =>
  leavesNothing(() => {
    const constant = tf.scalar(10);
    const variable = tf.tidy(() => tf.variable(tf.scalar(1)));
    const uses: Record<string, (x: tf.Tensor) => tf.Tensor> = {
      itself: (x) => tf.add(tf.mul(x, variable), constant),
      "a clone": (x) => tf.add(tf.mul(x, variable.clone()), constant),
      "a reshaped form": (x) => tf.add(tf.mul(x, variable.reshape([])), constant),
      "what a gradient saves": (x) =>
        tf.add(tf.mul(x, tf.grad((x) => tf.mul(x, variable))(x)), constant),
    };
    for (const [name, fn] of Object.entries(uses)) {
      const compiled = compile(fn);
      const x = tf.scalar(5);
      for (const value of [1, 2, -3]) {
        tf.tidy(() => variable.assign(tf.scalar(value)));
        tf.tidy(() => assertEquals(values(compiled.sync(x)), [5 * value + 10], name));
      }
      assertEquals(compiled.traceCount, 1);
      compiled.dispose();
      x.dispose();
    }
    tf.dispose([constant, variable]);
  }));

Deno.test("compile reads a variable anew that shares its data with a captured tensor", () =>
  leavesNothing(() => {
    const initial = tf.scalar(2);
    const variable = tf.tidy(() => tf.variable(initial));
    const fn = compile((x: tf.Tensor) => tf.add(tf.mul(x, initial), variable));
    const x = tf.scalar(3);
    tf.tidy(() => {
      assertEquals(values(fn.sync(x)), [8]);
      variable.assign(tf.scalar(10));
      assertEquals(values(fn.sync(x)), [16]);
    });
    fn.dispose();
    tf.dispose([initial, variable, x]);
  }));

Deno.test("compile takes tensors from the cpu backend, as arguments and captured", () =>
  leavesNothing(async () => {
    await tf.setBackend("cpu");
    const [x, captured] = [tf.scalar(2), tf.scalar(3)];
    await tf.setBackend("tensorflow");
    const fn = compile((x: tf.Tensor) => tf.mul(x, captured));
    tf.tidy(() => assertEquals([...values(fn.sync(x)), ...values(fn.sync(x))], [6, 6]));
    assertEquals(captured.isDisposed, false);
    fn.dispose();
    tf.dispose([x, captured]);
  }));

Deno.test("compile draws new random numbers from each seed, equal to eager", () =>
  leavesNothing(() => {
    const noise = (seed: random.Seed) => random.normal(random.foldIn(seed, 3), [4]);
    const compiled = compile(noise);
    for (const value of [1, 2]) {
      tf.tidy(() => {
        const from = random.seed(value);
        assertEquals(values(compiled.sync(from)), values(noise(from)));
      });
    }
    assertEquals(compiled.traceCount, 1);
    compiled.dispose();
  }));

Deno.test("compile disposes donated arguments after the call, and only those", () =>
  leavesNothing(async () => {
    const step = compile(
      (state: { w: tf.Tensor }, x: tf.Tensor, _mode: string, old: tf.Tensor[]) => ({
        w: tf.addN([state.w, x, ...old]),
      }),
      { donate: [0, 3] },
    );
    const x = tf.scalar(1);
    let state = { w: tf.scalar(0) as tf.Tensor };
    for (let i = 0; i < 4; i++) {
      const before = state;
      const old = [tf.scalar(10), tf.scalar(20)];
      state = i % 2 === 0 ? await step(before, x, "a", old) : step.sync(before, x, "a", old);
      assert(before.w.isDisposed && old.every((tensor) => tensor.isDisposed));
      assert(!x.isDisposed);
    }
    assertEquals(values(state.w), [4 * 31]);
    step.dispose();
    tf.dispose([x, state.w]);
  }));

Deno.test("compile keeps donated arguments of a call that fails", () =>
  leavesNothing(async () => {
    const attributes = [attribute.type("T", DType.float32), attribute.string("message", "seen")];
    const check = compile(
      (x: tf.Tensor) => backend.run("CheckNumerics", attributes, [x])[0]!,
      { donate: [0] },
    );
    const x = tf.scalar(NaN);
    await check(x).then(() => assert(false), () => {});
    assertEquals(x.isDisposed, false);
    check.dispose();
    x.dispose();
  }));

Deno.test("compiled functions become a part of a trace, of a gradient, and of shape inference", () =>
  leavesNothing(() => {
    const inner = compile((x: tf.Tensor) => tf.square(x), { donate: [0] });
    const outer = compile((x: tf.Tensor) => tf.add(inner.sync(x), tf.grad(inner.sync)(x)));
    const x = tf.scalar(3);
    tf.tidy(() => {
      assertEquals(values(outer.sync(x)), [15]);
      assertEquals(values(tf.grad((x: tf.Tensor) => inner.sync(x))(x)), [6]);
    });
    assertEquals([inner.traceCount, outer.traceCount, x.isDisposed], [0, 1, false]);
    outer.dispose();
    x.dispose();
  }));

Deno.test("compile works within a gradient without recording its trace there", () =>
  leavesNothing(() => {
    const [x, y] = [tf.scalar(3), tf.scalar(4)];
    const square = compile((x: tf.Tensor) => tf.square(x));
    const gradient = tf.tidy(() =>
      values(
        tf.grad((x: tf.Tensor) => {
          const scaled = tf.customGrad((x) => {
            const scale = square.sync(y);
            return {
              value: tf.mul(x as tf.Tensor, scale),
              gradFunc: (dy: tf.Tensor) => tf.mul(dy, 100),
            };
          });
          return scaled(x);
        })(x),
      )
    );
    assertEquals([gradient, square.traceCount], [[100], 1]);
    square.dispose();
    tf.dispose([x, y]);
  }));

Deno.test("compile keeps `tf.tidy` and `tf.keep` of what it calls in order", () =>
  leavesNothing(() => {
    const fn = compile((x: tf.Tensor) => {
      const kept = tf.keep(tf.neg(x));
      const y = tf.tidy(() => tf.mul(kept, 2));
      kept.dispose();
      return y;
    });
    const x = tf.scalar(1);
    tf.tidy(() => assertEquals(values(fn.sync(x)), [-2]));
    fn.dispose();
    x.dispose();
  }));

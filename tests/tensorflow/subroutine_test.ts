import { assert, assertEquals, assertThrows } from "@std/assert";
import { compile, random, subroutine, tf } from "../../lib/tensorflow/mod.ts";
import { secondsBetween } from "../_clock.ts";
import { assertClose, values, withoutLeaks } from "../_tensors.ts";

Deno.test("subroutine: is traced once for all calls with the same shapes, and gives what it gives eagerly", () =>
  withoutLeaks(() => {
    let traces = 0;
    const square = subroutine((x: tf.Tensor, { factor }: { factor: number }) => {
      traces++;
      return { y: tf.mul(tf.mul(x, x), factor) };
    });
    const fn = (x: tf.Tensor) => {
      const once = square(x, { factor: 2 }).y;
      return [square(once, { factor: 2 }).y, square(once, { factor: 3 }).y];
    };
    const compiled = compile(fn);
    tf.tidy(() => {
      const x = tf.tensor1d([1, -2]);
      const found = compiled.sync(x);
      assertEquals(traces, 2); // by the factor, which is a constant of the trace
      const expected = fn(x);
      found.forEach((tensor, index) => assertClose(tensor, expected[index]!.dataSync()));
      assertEquals(found[0]!.shape, [2]);
    });
    compiled.dispose();
  }));

Deno.test("subroutine: reads tensors from outside at each call, and gradients inside of it work", () =>
  withoutLeaks(() => {
    tf.tidy(() => {
      const scale = tf.variable(tf.scalar(2));
      const slope = subroutine((x: tf.Tensor) => tf.grad((x) => tf.mul(tf.square(x), scale))(x));
      const compiled = compile((x: tf.Tensor) => slope(slope(x)));
      const x = tf.scalar(1);
      assertEquals(values(compiled.sync(x)), [16]);
      scale.assign(tf.scalar(3));
      assertEquals(values(compiled.sync(x)), [36]);
      compiled.dispose();
      scale.dispose();
    });
  }));

Deno.test("subroutine: one inside another, with random numbers, dtypes and shapes kept", () =>
  withoutLeaks(() => {
    tf.tidy(() => {
      const inner = subroutine((seed: random.Seed) => random.integers(seed, [3, 2], 0, 9));
      const outer = subroutine((seed: random.Seed) => tf.add(inner(seed), tf.scalar(1, "int32")));
      const compiled = compile((seed: random.Seed) => tf.sum(outer(seed), 1));
      const seed = random.seed(4);
      const found = compiled.sync(seed);
      assertEquals(found.dtype, "int32");
      assertEquals(found.shape, [3]);
      assertEquals(values(found), values(tf.sum(tf.add(inner(seed), 1), 1)));
      compiled.dispose();
    });
  }));

Deno.test("subroutine: a call after a tensor begins when that has been computed", () =>
  withoutLeaks(() => {
    tf.tidy(() => {
      const double = subroutine((x: tf.Tensor) => tf.mul(x, 2));
      const compiled = compile((x: tf.Tensor2D, y: tf.Tensor) => {
        let slow = x;
        for (let index = 0; index < 10; index++) slow = tf.matMul(slow, slow);
        return [
          secondsBetween(slow, double.after([slow], y)),
          secondsBetween(slow, double(y)),
          slow,
        ];
      });
      const [x, y] = [tf.zeros<tf.Rank.R2>([400, 400]), tf.scalar(1)];
      tf.dispose(compiled.sync(x, y));
      const [after, free] = compiled.sync(x, y).map((tensor) => tensor.dataSync()[0]!);
      assert(after! > 0, `it ended ${-after!} s before`);
      assert(free! < 0, `without it ended ${free} s later`);
      compiled.dispose();
    });
  }));

Deno.test("subroutine: refuses tensors of the function that calls it, besides its arguments", () =>
  withoutLeaks(() => {
    tf.tidy(() => {
      const compiled = compile((x: tf.Tensor) => {
        const y = tf.mul(x, 2);
        return subroutine((x: tf.Tensor) => tf.add(x, y), { name: "the sum" })(x);
      });
      assertThrows(
        () => compiled.sync(tf.tensor1d([1, 2])),
        Error,
        "Cannot trace the sum: it uses a tensor of shape [2]",
      );
    });
  }));

Deno.test("subroutine: refuses what is no function, and one that calls itself", () =>
  withoutLeaks(() => {
    assertThrows(() => subroutine(3 as never), TypeError, "Cannot make a subroutine of 3");
    const itself = subroutine((x: tf.Tensor): tf.Tensor => itself(x), { name: "itself" });
    const fn = compile((x: tf.Tensor) => itself(x));
    tf.tidy(() => {
      assertThrows(() => fn.sync(tf.scalar(1)), Error, "Cannot trace itself: it calls itself");
    });
  }));

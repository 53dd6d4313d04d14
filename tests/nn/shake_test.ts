/** Shake-Shake and ShakeDrop with the gradients of the original code. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { model, type Scope, shakeDrop, shakeShakeSum } from "../../lib/nn/mod.ts";
import { random, tf } from "../../lib/tensorflow/mod.ts";
import { fixture, largestDifference } from "../_fixtures.ts";
import { recordedDraws } from "../_recorded_draws.ts";
import { scoped, values } from "../_tensors.ts";

const nothing = { params: {}, state: {} };

/** Shake-Shake of the two halves of the channels. */
const mixed = model((scope, x) => {
  const [a, b] = tf.split(x, 2, 3);
  return shakeShakeSum(scope, a!, b!);
});

for (const trueGradient of [false, true]) {
  Deno.test({
    name: `shakeShakeSum: values and ${
      trueGradient ? "true" : "shaken"
    } gradients as the reference`,
    fn: scoped(() => {
      const oracle = fixture("shake_ops");
      const both = tf.concat([oracle.array("xa"), oracle.array("xb")], 3);
      const pass = (x: tf.Tensor) => {
        const uniform = recordedDraws(oracle, (index) => `ss_${trueGradient}_draw${index}`);
        return mixed.apply(nothing, x, { train: true, trueGradient, uniform }).output;
      };
      const near = (actual: tf.Tensor, name: string) => {
        const difference = largestDifference(actual, oracle.array(name));
        assert(difference <= 1e-6, `${name} differs by ${difference}`);
      };
      near(pass(both), `ss_${trueGradient}_out`);
      const [a, b] = tf.split(tf.grad(pass)(both, oracle.array("gout")), 2, 3);
      near(a!, `ss_${trueGradient}_grad_xa`);
      near(b!, `ss_${trueGradient}_grad_xb`);
      near(mixed.apply(nothing, both).output, "ss_eval_out");
    }),
  });

  for (const keep of [0.5, 0.75]) {
    Deno.test({
      name: `shakeDrop ${keep}: values and ${trueGradient ? "true" : "shaken"} gradients`,
      fn: scoped(() => {
        const oracle = fixture("shake_ops");
        const shaken = model((scope, x) => shakeDrop(scope, x, keep));
        const pass = (x: tf.Tensor) => {
          const uniform = recordedDraws(
            oracle,
            (index) => `sd${keep}_${trueGradient}_draw${index}`,
          );
          return shaken.apply(nothing, x, { train: true, trueGradient, uniform }).output;
        };
        const near = (actual: tf.Tensor, name: string) => {
          const difference = largestDifference(actual, oracle.array(name));
          assert(difference <= 1e-6, `${name} differs by ${difference}`);
        };
        const x = oracle.array("xa");
        near(pass(x), `sd${keep}_${trueGradient}_out`);
        near(tf.grad(pass)(x, oracle.array("gout")), `sd${keep}_${trueGradient}_grad`);
        near(shaken.apply(nothing, x).output, `sd${keep}_eval_out`);
      }),
    });
  }
}

Deno.test(
  "shakeDrop: keeps all with 1, and with 0 only what alpha leaves",
  scoped(() => {
    const x = tf.ones([64, 1, 1, 1]);
    const shaken = (keep: number) =>
      values(
        model((scope, x) => shakeDrop(scope, x, keep))
          .apply(nothing, x, { train: true, seed: random.seed(0) }).output,
      );
    assertEquals(shaken(1), Array(64).fill(1));
    assert(shaken(0).every((value) => value >= -1 && value < 1));
    const scope = {} as Scope;
    for (const keep of [-0.1, 1.1, NaN]) {
      assertThrows(() => shakeDrop(scope, x, keep), RangeError, `with probability ${keep}`);
    }
  }),
);

/** The draws of a pass by the names of their gates. */
const drawn = (draws: Record<string, number>) => (path: string) =>
  tf.fill([1, 1, 1, 1], draws[path]!);

Deno.test(
  "shakeShakeSum: each branch has its share in the value, and another in the gradient, by hand",
  scoped(() => {
    const uniform = drawn({ gate_forward: 0.25, gate_backward: 0.75 });
    const both = tf.tensor4d([[[[8, 4]]]]);
    const pass = (trueGradient: boolean) => (x: tf.Tensor) =>
      mixed.apply(nothing, x, { train: true, trueGradient, uniform }).output;
    assertEquals(values(pass(false)(both)), [5]);
    assertEquals(values(tf.grad(pass(false))(both)), [0.75, 0.25]);
    assertEquals(values(tf.grad(pass(true))(both)), [0.25, 0.75]);
    assertEquals(values(mixed.apply(nothing, both).output), [6]);
  }),
);

Deno.test(
  "shakeDrop: a branch that is not kept is shaken by alpha, its gradient by beta, by hand",
  scoped(() => {
    const shaken = model((scope, x) => shakeDrop(scope, x, 0.5));
    const pass = (mask: number, trueGradient: boolean) => (x: tf.Tensor) => {
      const uniform = drawn({ mask, alpha: 0.25, beta: 0.125 });
      return shaken.apply(nothing, x, { train: true, trueGradient, uniform }).output;
    };
    const x = tf.tensor4d([[[[8]]]]);
    assertEquals(values(pass(0.25, false)(x)), [-4]);
    assertEquals(values(tf.grad(pass(0.25, false))(x)), [0.125]);
    assertEquals(values(tf.grad(pass(0.25, true))(x)), [-0.5]);
    assertEquals(values(pass(0.75, false)(x)), [8]);
    assertEquals(values(tf.grad(pass(0.75, false))(x)), [1]);
    assertEquals(values(shaken.apply(nothing, x).output), [4]);
  }),
);

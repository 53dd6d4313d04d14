import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Pass, valueAndGrad } from "../../lib/optim/mod.ts";
import { compile, tf, type Tree } from "../../lib/tensorflow/mod.ts";
import { PASS } from "../_pass.ts";
import { assertClose, assertSameBits, scoped, values, withoutLeaks } from "../_tensors.ts";

type Params = { readonly a: tf.Tensor; readonly deep: readonly [{ readonly b: tf.Tensor }] };

const parameters = (): Params => ({ a: tf.tensor([1, 2]), deep: [{ b: tf.tensor([[3]]) }] });

/** Σ a² · b, with values that the pass gives besides. */
function cubic({ a, deep: [{ b }] }: Params, factor: tf.Tensor) {
  const squares = tf.square(a);
  return {
    loss: tf.mul(tf.sum(tf.mul(squares, b)), factor) as tf.Scalar,
    state: { mean: tf.mean(a), nested: { squares } },
    metrics: { largest: tf.max(a) },
  };
}

Deno.test(
  "valueAndGrad gives the loss, what else the pass gives, and gradients by parameter",
  scoped(() => {
    const { loss, grads, state, metrics } = valueAndGrad(cubic)(parameters(), tf.scalar(2), PASS);
    assertClose(loss, [30]);
    assertClose(grads.a, [12, 24]);
    assertEquals(grads.deep[0].b.shape, [1, 1]);
    assertClose(grads.deep[0].b, [10]);
    assertClose((state as { mean: tf.Tensor }).mean, [1.5]);
    assertClose((state as { nested: { squares: tf.Tensor } }).nested.squares, [1, 4]);
    assertClose(metrics.largest!, [2]);
  }),
);

Deno.test(
  "valueAndGrad gives zeros for what does not matter",
  scoped(() => {
    const params = { used: tf.tensor([3]), unused: tf.tensor([[1, 2]]), integers: tf.scalar(1) };
    const ofOne = valueAndGrad(({ used }: typeof params) => ({
      loss: tf.sum(tf.square(used)) as tf.Scalar,
      state: {},
      metrics: {},
    }));
    const { grads } = ofOne(params, {}, PASS);
    assertClose(grads.used, [6]);
    assertEquals([grads.unused.shape, values(grads.unused)], [[1, 2], [0, 0]]);
    const ofNone = valueAndGrad((_: typeof params) => ({
      loss: tf.scalar(7),
      state: {},
      metrics: {},
    }));
    const none = ofNone(params, {}, PASS);
    assertEquals([values(none.loss), values(none.grads.used)], [[7], [0]]);
  }),
);

Deno.test(
  "valueAndGrad tells the loss whether SAM climbs by it",
  scoped(() => {
    const gradient = valueAndGrad((params: Params, _: unknown, { ascent = false }: Pass) =>
      cubic(params, tf.scalar(ascent ? -10 : 1))
    );
    assertClose(gradient(parameters(), {}, PASS).grads.a, [6, 12]);
    assertClose(gradient(parameters(), {}, { ...PASS, ascent: true }).grads.a, [-60, -120]);
  }),
);

Deno.test("valueAndGrad hands over new tensors only, within scopes and without", () =>
  withoutLeaks(() => {
    const params = parameters();
    const factor = tf.scalar(2);
    const gradient = valueAndGrad(cubic);
    const result = gradient(params, factor, PASS);
    const nested = tf.tidy(() =>
      tf.tidy(() => gradient(params, factor, PASS) as unknown as tf.TensorContainer)
    );
    assertSameBits(nested as unknown as Tree, result as unknown as Tree);
    tf.dispose([result, nested] as unknown as tf.TensorContainer);
    assertClose(params.a, [1, 2], 0);
    tf.dispose([params, factor] as unknown as tf.TensorContainer);
  }));

Deno.test("valueAndGrad leaves a state that is handed through, and the loss as a metric", () =>
  withoutLeaks(() => {
    const params = { w: tf.tensor([2]) };
    const running = tf.tensor([5]);
    const gradient = valueAndGrad((params: { w: tf.Tensor }, mean: tf.Tensor) => {
      const loss = tf.sum(tf.mul(params.w, mean)) as tf.Scalar;
      return { loss, state: { mean, w: params.w }, metrics: { loss, again: loss } };
    });
    const { loss, grads, state, metrics } = gradient(params, running, PASS);
    assertClose(loss, [10], 0);
    assertClose(metrics.loss!, [10], 0);
    tf.dispose([loss, grads, state, metrics] as unknown as tf.TensorContainer);
    assertClose(running, [5], 0);
    assert(!running.kept && !params.w.kept);
    tf.dispose([running, params.w]);
  }));

Deno.test(
  "valueAndGrad compiled equals eager, bit for bit",
  scoped(() => {
    const gradient = valueAndGrad(cubic);
    const compiled = compile(gradient);
    const args = [parameters(), tf.scalar(0.3), PASS] as const;
    assertSameBits(compiled.sync(...args) as unknown as Tree, gradient(...args) as unknown as Tree);
    compiled.dispose();
  }),
);

Deno.test("valueAndGrad refuses losses that are not scalars, and leaks nothing on errors", () =>
  withoutLeaks(() => {
    const params = { w: tf.tensor([1, 2]) };
    const gradient = valueAndGrad(({ w }: typeof params) => ({
      loss: tf.square(w) as unknown as tf.Scalar,
      state: {},
      metrics: {},
    }));
    assertThrows(
      () => gradient(params, {}, PASS),
      TypeError,
      "Cannot differentiate a loss of shape [2]",
    );
    params.w.dispose();
  }));

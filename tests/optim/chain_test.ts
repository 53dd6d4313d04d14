import { assertEquals, assertThrows } from "@std/assert";
import { applyUpdates, chain, clipToNorm, type Optimizer, sgd } from "../../lib/optim/mod.ts";
import { tf, type Tree } from "../../lib/tensorflow/mod.ts";
import { assertClose, assertSameBits, scoped, withoutLeaks } from "../_tensors.ts";

/** A part without a state. */
const clipByGlobalNorm = (maxNorm: number): Optimizer => ({
  init: () => [],
  update: (grads, state) => [clipToNorm(grads, maxNorm), state],
});

Deno.test(
  "chain applies its parts in order, each with its own state",
  scoped(() => {
    const params = { w: tf.tensor([1, 1]) };
    const clipped = chain(clipByGlobalNorm(1), sgd(0.5, { momentum: 0.5 }));
    let state = clipped.init(params);
    assertEquals((state as readonly Tree[])[0], []);
    let updates: typeof params;
    [updates, state] = clipped.update({ w: tf.tensor([3, 4]) }, state, params);
    assertClose(updates.w, [-0.3, -0.4]);
    [updates, state] = clipped.update({ w: tf.tensor([3, 4]) }, state, params);
    assertClose(updates.w, [-0.45, -0.6]);

    // The other way round, the update is clipped instead of the gradient.
    const after = chain(sgd(10), clipByGlobalNorm(1));
    assertClose(after.update({ w: tf.tensor([3, 4]) }, after.init(params), params)[0].w, [
      -0.6,
      -0.8,
    ]);
  }),
);

Deno.test(
  "chain of one, and of chains, is the part itself",
  scoped(() => {
    const params = { w: tf.tensor([0.3, -2]) };
    const parts = [sgd(0.1, { momentum: 0.9 })];
    const [expected] = parts[0]!.update(params, parts[0]!.init(params), params);
    for (const optimizer of [chain(...parts), chain(chain(...parts))]) {
      assertSameBits(optimizer.update(params, optimizer.init(params), params)[0], expected);
    }
  }),
);

Deno.test("chain and applyUpdates hand over new tensors only", () =>
  withoutLeaks(() => {
    const optimizer = chain(clipByGlobalNorm(1), sgd(0.1, { momentum: 0.9 }), clipByGlobalNorm(2));
    const params = { w: tf.tensor([1, 2]), deep: [{ b: tf.scalar(3) }] };
    const state = optimizer.init(params);
    const [updates, next] = optimizer.update(params, state, params);
    const applied = applyUpdates(params, updates);
    tf.dispose([params, state, updates, next, applied] as unknown as tf.TensorContainer);
  }));

Deno.test("chain refuses to be empty, and trees that differ are told apart", () => {
  assertThrows(() => chain(), RangeError, "Cannot chain no transformations");
  const params = { w: tf.scalar(1) };
  assertThrows(
    () => applyUpdates(params, { v: params.w } as unknown as typeof params),
    TypeError,
    "structures differ at w",
  );
  params.w.dispose();
});

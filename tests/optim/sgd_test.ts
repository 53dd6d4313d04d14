import { assertEquals, assertThrows } from "@std/assert";
import { applyUpdates, type Optimizer, schedules, sgd } from "../../lib/optim/mod.ts";
import { compile, tf, type Tree } from "../../lib/tensorflow/mod.ts";
import { assertClose, assertSameBits, pytorch, scoped, values, withoutLeaks } from "../_tensors.ts";

/** Applies an optimizer to gradients one after the other; gives the parameters after each. */
function descend(optimizer: Optimizer, start: Tree, grads: readonly Tree[]): Tree[] {
  let params = start;
  let state = optimizer.init(params);
  return grads.map((grad) => {
    const [updates, next] = optimizer.update(grad, state, params);
    state = next;
    return params = applyUpdates(params, updates);
  });
}

for (const { options, start, grads, after } of pytorch.sgd) {
  const { lr, ...others } = options;
  Deno.test(
    `sgd equals PyTorch's: ${JSON.stringify(options)}`,
    scoped(() => {
      const found = descend(
        sgd(lr, others),
        { w: tf.tensor(start) },
        grads.map((grad: number[]) => ({ w: tf.tensor(grad) })),
      );
      found.forEach((params, step) => assertClose((params as { w: tf.Tensor }).w, after[step]));
    }),
  );
}

Deno.test(
  "sgd follows a schedule by its step",
  scoped(() => {
    const grads = [1, 1, 1].map((value) => ({ w: tf.scalar(value) }));
    const seen: number[] = [];
    const schedule = (step: tf.Scalar) => {
      seen.push(values(step)[0]!);
      return tf.add(step, 1) as tf.Scalar;
    };
    const found = descend(sgd(schedule), { w: tf.scalar(10) }, grads);
    assertEquals(seen, [0, 1, 2]);
    assertEquals(found.map((params) => values((params as { w: tf.Tensor }).w)[0]), [9, 7, 4]);
  }),
);

Deno.test(
  "sgd's identities: no momentum, Nesterov without momentum, rate 0",
  scoped(() => {
    const grads = [0.3, -0.7, 0.11].map((value) => ({ w: tf.tensor([value, -value]) }));
    const start = { w: tf.tensor([1.5, -0.2]) };
    const plain = descend(sgd(0.1), start, grads);
    for (const options of [{ momentum: 0 }, { nesterov: true }, { momentum: 0, nesterov: true }]) {
      assertSameBits(descend(sgd(0.1, options), start, grads), plain);
    }
    assertSameBits(descend(sgd(schedules.constant(0.1)), start, grads), plain);
    const still = descend(sgd(0, { momentum: 0.9, nesterov: true }), start, grads);
    assertSameBits(still, [start, start, start]);
  }),
);

Deno.test(
  "sgd keeps the state's form, compiled and eager, also for trees without parameters",
  scoped(() => {
    for (const optimizer of [sgd(0.1), sgd(0.1, { momentum: 0.9, nesterov: true })]) {
      const params = { b: tf.tensor([1, 2]), a: { k: tf.tensor([[3]]) } };
      const update = compile((grads: typeof params, state: Tree) =>
        optimizer.update(grads, state, grads)
      );
      let eager = optimizer.init(params);
      let compiled = eager;
      for (let step = 0; step < 3; step++) {
        const [found, next] = update.sync(params, compiled);
        const [expected, after] = optimizer.update(params, eager, params);
        assertSameBits(found, expected);
        assertSameBits(next, after);
        [compiled, eager] = [next, after];
      }
      assertEquals(update.traceCount, 1);
      update.dispose();
      assertEquals(optimizer.update({}, optimizer.init({}), {})[0], {});
    }
  }),
);

Deno.test("sgd hands over new tensors only, and leaves the others alone", () =>
  withoutLeaks(() => {
    for (const options of [{}, { momentum: 0.9 }, { momentum: 0.9, nesterov: true }]) {
      const optimizer = sgd(schedules.cosine(0.1, 10), options);
      const params = { w: tf.tensor([1, 2]) };
      const grads = { w: tf.tensor([3, 4]) };
      const state = optimizer.init(params);
      const result = optimizer.update(grads, state, params);
      // Would throw if any of them were the same.
      tf.dispose([result, params, grads, state] as unknown as tf.TensorContainer);
    }
  }));

Deno.test("sgd refuses rates and momenta out of range", () => {
  for (const rate of [-0.1, NaN, Infinity]) {
    assertThrows(() => sgd(rate), RangeError, `Cannot descend with learning rate ${rate}`);
  }
  for (const momentum of [-0.1, 1, 1.5, NaN, Infinity]) {
    assertThrows(() => sgd(0.1, { momentum }), RangeError, `with momentum ${momentum}`);
  }
});

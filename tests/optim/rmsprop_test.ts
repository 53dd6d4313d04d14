import { assertEquals } from "@std/assert";
import { rmsprop, type RmspropState } from "../../lib/optim/rmsprop.ts";
import { tf } from "../../lib/tensorflow/mod.ts";
import { assertClose, scoped, values } from "../_tensors.ts";

const params = () => ({ w: tf.tensor1d([1, -2]) });
const grads = () => ({ w: tf.tensor1d([0.5, -4]) });

/** v and m of a weight after `steps` equal gradients, in float64. */
function byHand(g: number, steps: number, { decay = 0.9, momentum = 0.9, epsilon = 1e-3 } = {}) {
  let [v, m] = [1, 0];
  for (let step = 0; step < steps; step++) {
    v = decay * v + (1 - decay) * g ** 2;
    m = momentum * m + g / Math.sqrt(v + epsilon);
  }
  return m;
}

Deno.test(
  "rmsprop follows a schedule by its step, from the first rate on",
  scoped(() => {
    const optimizer = rmsprop((step) => tf.add(tf.mul(step, 0.25), 0.5) as tf.Scalar);
    let state = optimizer.init(params());
    for (const [index, rate] of [0.5, 0.75, 1].entries()) {
      const [updates, next] = optimizer.update(grads(), state, params());
      const expected = [0.5, -4].map((g) => -rate * byHand(g, index + 1));
      assertClose((updates as { w: tf.Tensor }).w, expected);
      state = next;
    }
    assertEquals(values((state as unknown as RmspropState).step), [3]);
  }),
);

Deno.test(
  "rmsprop's momentum, decay and epsilon are those given",
  scoped(() => {
    for (const options of [{ momentum: 0 }, { decay: 0.5 }, { epsilon: 1 }, { momentum: 0.5 }]) {
      const optimizer = rmsprop(1, options);
      let state = optimizer.init(params());
      let updates;
      for (let step = 0; step < 2; step++) {
        [updates, state] = optimizer.update(grads(), state, params());
      }
      const expected = [0.5, -4].map((g) => -byHand(g, 2, options));
      assertClose((updates as unknown as { w: tf.Tensor }).w, expected);
    }
  }),
);

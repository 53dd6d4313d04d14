import { assertEquals, assertThrows } from "@std/assert";
import { rmsprop, type RmspropOptions } from "../../lib/optim/mod.ts";
import { tf } from "../../lib/tensorflow/mod.ts";
import { assertClose, scoped, values } from "../_tensors.ts";

const GRADIENTS = [[0.5, -2], [0.25, 0], [-1, 3]];
const rateAt = (step: number) => 0.1 / (1 + step);

/** Updates of TensorFlow 1's RMSProp (`ApplyRMSProp`), number by number. */
function byHand({ decay = 0.9, momentum = 0.9, epsilon = 1e-3 }: RmspropOptions): number[][] {
  const v = [1, 1], m = [0, 0];
  return GRADIENTS.map((gradient, step) =>
    gradient.map((g, i) => {
      v[i] = decay * v[i]! + (1 - decay) * g * g;
      m[i] = momentum * m[i]! + g / Math.sqrt(v[i]! + epsilon);
      return -rateAt(step) * m[i]!;
    })
  );
}

for (const options of [{}, { decay: 0.5, momentum: 0.8, epsilon: 0.1 }, { momentum: 0 }]) {
  Deno.test(
    `rmsprop equals TensorFlow 1's, by hand: ${JSON.stringify(options)}`,
    scoped(() => {
      const schedule = (step: tf.Scalar) => tf.div(0.1, tf.add(1, step)) as tf.Scalar;
      const optimizer = rmsprop(schedule, options);
      const params = { w: tf.tensor([1, 1]) };
      let state = optimizer.init(params);
      for (const [step, expected] of byHand(options).entries()) {
        const [updates, next] = optimizer.update({ w: tf.tensor(GRADIENTS[step]!) }, state, params);
        assertClose(updates.w, expected);
        state = next;
      }
      assertEquals(values((state as { step: tf.Tensor }).step), [3]);
    }),
  );
}

Deno.test("rmsprop refuses settings that cannot be", () => {
  for (const options of [{ decay: 1 }, { momentum: -0.1 }, { epsilon: 0 }, { decay: NaN }]) {
    assertThrows(() => rmsprop(0.1, options), RangeError, "Cannot descend with");
  }
  assertThrows(() => rmsprop(-1), RangeError, "learning rate -1");
});

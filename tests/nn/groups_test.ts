/** Groups of examples that have parameters of their own. */
import { assertThrows } from "@std/assert";
import { batchNorm, dense, dropout, model, zeros } from "../../lib/nn/mod.ts";
import { random, type TensorRecord, tf } from "../../lib/tensorflow/mod.ts";
import { assertClose, assertSameBits, scoped, values } from "../_tensors.ts";

/** Dropout and a dense layer, by groups. */
const grouped = model((scope, x) => dense(scope.child("dense"), dropout(scope, x, 0.5), 2));

Deno.test(
  "groups of examples have parameters and random numbers of their own",
  scoped(() => {
    const [first, second] = [0, 1].map((seed) => grouped.init(seed, [2, 3]).params);
    const x = tf.randomNormal([4, 3], 0, 1, "float32", 5);
    const seed = random.seed(7);
    const options = { train: true, seed };
    const { output } = grouped.apply({ params: [first!, second!], state: {} }, x, options);
    const parts = [first!, second!].map((params, group) =>
      grouped.apply({ params, state: {} }, tf.slice(x, [2 * group], [2]), {
        train: true,
        seed: random.foldIn(seed, group),
      }).output
    );
    assertSameBits(output, tf.concat(parts));
    // One group is as none.
    assertSameBits(
      grouped.apply({ params: [first!], state: {} }, x, options).output,
      grouped.apply({ params: first!, state: {} }, x, options).output,
    );
  }),
);

Deno.test(
  "groups must be of one size, and layers take parameters for each",
  scoped(() => {
    const { params } = grouped.init(0, [2, 3]);
    for (const count of [0, 2]) {
      const several = { params: Array(count).fill(params), state: {} };
      assertThrows(
        () => grouped.apply(several, tf.ones([5, 3])),
        RangeError,
        `Cannot apply the model with parameters of ${count} groups to 5 examples`,
      );
    }
    const careless = model((scope, x) => tf.add(x, scope.child("at").param("w", [1], zeros)));
    const { params: own } = careless.init(0, [2]);
    assertClose(careless.apply({ params: [own], state: {} }, tf.ones([2])).output, [1, 1]);
    assertThrows(
      () => careless.apply({ params: [own, own], state: {} }, tf.ones([2])),
      Error,
      "Cannot take at/w for all examples: 2 groups have parameters of their own",
    );
  }),
);

Deno.test(
  "batchNorm of groups: statistics of all examples, scale and bias of each group",
  scoped(() => {
    const x = tf.randomNormal([4, 2, 2, 2], 1, 2, "float32", 1);
    const state = { mean: tf.tensor1d([1, 0]), var: tf.tensor1d([2, 3]) };
    const params = [
      { scale: tf.tensor1d([0.7, -1.3]), bias: tf.tensor1d([0.2, 0.1]) },
      { scale: tf.tensor1d([2, 0.5]), bias: tf.tensor1d([-1, 3]) },
    ];
    const network = model((scope, x) => batchNorm(scope, x));
    for (const train of [true, false]) {
      const apply = (params: TensorRecord | TensorRecord[]) =>
        network.apply({ params, state }, x, { train });
      const found = apply(params);
      const alone = params.map(apply);
      const own = alone.map(({ output }, group) => tf.slice(output, [2 * group], [2]));
      assertClose(found.output, values(tf.concat(own)), 1e-5);
      assertSameBits(found.state, alone[0]!.state);
    }
  }),
);

/** Transformations that are given something else than what they transform. @module */
import { assertEquals, assertThrows } from "@std/assert";
import { optim, random, type TensorRecord, tf } from "../../mod.ts";
import { withoutLeaks } from "../_tensors.ts";

const loss = ({ w }: { w: tf.Tensor }) => tf.square(w) as tf.Scalar;
const gradient = optim.valueAndGrad(loss);
const stateful = { init: () => [], update: () => [] };

const TRANSFORMED: [what: string, transform: (gradient: typeof optim.valueAndGrad) => unknown][] = [
  ["perturb", (of) => optim.sam(of as never, { rho: 0.05 })],
  ["perturb", (of) => optim.sam(of as never, { rho: 0 })],
  ["divide", (of) => optim.mSharpness(of as never, { m: 2 })],
  ["divide", (of) => optim.synchronizedMSharpness(of as never, { rho: 0, m: 2 })],
  ["accumulate", (of) => optim.accumulate(of as never, { microBatchSize: 2 })],
];

Deno.test("what is no gradient function is refused at once, and a memory told to come last", () => {
  for (const [action, transform] of TRANSFORMED) {
    assertThrows(
      () => transform(stateful as never),
      TypeError,
      `Cannot ${action} a gradient with a memory: what has an \`init\` and an \`update\` comes last`,
    );
    assertThrows(
      () => transform(undefined as never),
      TypeError,
      `Cannot ${action} undefined: give`,
    );
  }
  assertThrows(
    () => optim.valueAndGrad(undefined as never),
    TypeError,
    "Cannot differentiate undefined: give a loss",
  );
});

Deno.test("what is no optimizer is not chained", () => {
  for (
    const part of [undefined, optim.sam(gradient, { rho: 0.1 }), [optim.sgd(0.1)], stateful.init]
  ) {
    assertThrows(
      () => optim.chain(part as never, optim.sgd(0.1)),
      TypeError,
      "what is chained has an `init` and an `update`, as sgd(0.1) has",
    );
  }
});

Deno.test("a schedule that gives no scalar is refused where it is used", () => {
  for (const rate of [0.1, undefined, tf.ones([2])]) {
    const schedule = () => rate as tf.Scalar;
    for (const optimizer of [optim.sgd(schedule), optim.rmsprop(schedule)]) {
      tf.tidy(() => {
        const params = { w: tf.scalar(1) };
        assertThrows(
          () => optimizer.update(params, optimizer.init(params), params),
          TypeError,
          "Cannot descend by a schedule that gives",
        );
      });
    }
  }
});

/** Transformations that divide a batch of four examples into halves. */
const HALVES = {
  accumulate: (of: optim.GradientFunction<TensorRecord, TensorRecord>) =>
    optim.accumulate(of, { microBatchSize: 2 }),
  mSharpness: (of: optim.GradientFunction<TensorRecord, TensorRecord>) =>
    optim.mSharpness(of, { m: 2 }),
};

for (const [name, halved] of Object.entries(HALVES)) {
  Deno.test(`${name} refuses batches whose tensors differ in their number of examples`, () =>
    withoutLeaks(() =>
      tf.tidy(() => {
        const gradientOf = (batch: TensorRecord) => () =>
          halved(optim.valueAndGrad((params: TensorRecord) => tf.square(params.w as tf.Tensor)))(
            { w: tf.scalar(1) },
            batch,
            { state: {}, seed: random.seed(0) },
          );
        const x = tf.ones([4]);
        for (const [t, found] of [[tf.ones([2]), "2"], [tf.scalar(1), "a scalar"]] as const) {
          const message = "Cannot divide a batch of";
          assertThrows(
            gradientOf({ a: x, t }),
            RangeError,
            `${message} 4 examples that holds ${found}`,
          );
          assertThrows(gradientOf({ a: t, x }), RangeError, message);
        }
        assertThrows(gradientOf({ x: tf.ones([0]) }), RangeError, "batch of 0 examples");
      })
    ));

  Deno.test(`${name} takes the mean of metrics of any type, and leaves counts whole`, () =>
    withoutLeaks(() =>
      tf.tidy(() => {
        const counting = ({ w }: TensorRecord, { x }: TensorRecord, { state }: optim.Pass) => {
          const positive = tf.greater(x as tf.Tensor, 0);
          return {
            loss: tf.square(w as tf.Tensor),
            state: { seen: tf.add(state.seen as tf.Tensor, tf.scalar(2, "int32")) },
            metrics: { positive: tf.sum(tf.cast(positive, "int32")), any: tf.any(positive) },
          };
        };
        const { state, metrics } = halved(optim.valueAndGrad(counting))(
          { w: tf.scalar(1) },
          { x: tf.tensor1d([1, -1, -1, -1]) },
          { state: { seen: tf.scalar(20_000_001, "int32") }, seed: random.seed(0) },
        );
        const seen = state.seen as tf.Tensor;
        assertEquals([seen.dtype, seen.dataSync()[0]], ["int32", 20_000_003]);
        const { positive, any } = metrics;
        assertEquals([positive!.dtype, positive!.dataSync()[0]], ["float32", 0.5]);
        assertEquals([any!.dtype, any!.dataSync()[0]], ["float32", 0.5]);
      })
    ));
}

Deno.test("sam of a loss, not of its gradient, is told so", () =>
  withoutLeaks(() =>
    tf.tidy(() => {
      const perturbed = optim.sam(loss as never, { rho: 0.1 });
      assertThrows(
        () => perturbed({ w: tf.scalar(1) }, {}, { state: {}, seed: random.seed(0) }),
        TypeError,
        "Cannot climb without a gradient: sam takes what valueAndGrad makes of a loss",
      );
    })
  ));

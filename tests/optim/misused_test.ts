/** Transformations that are given something else than what they transform. @module */
import { assertThrows } from "@std/assert";
import { optim, tf } from "../../mod.ts";

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

/** The training step that a fixture's flags describe. */
import { assert } from "@std/assert";
import type { Model, Variables } from "../../lib/nn/mod.ts";
import { rmsprop, sam, sgd, valueAndGrad } from "../../lib/optim/mod.ts";
import type { tf } from "../../lib/tensorflow/mod.ts";
import { type Batch, crossEntropyLoss } from "../../lib/train/loss.ts";
import { trainStep } from "../../lib/train/step.ts";
import type { Fixture } from "../_fixtures.ts";

// deno-lint-ignore no-explicit-any -- the original's flags, as they are in the fixture
export function oracleParts(flags: any, model: Model) {
  const loss = crossEntropyLoss(model, {
    labelSmoothing: flags.label_smoothing,
    weightDecay: flags.weight_decay,
    weightDecayScope: flags.no_weight_decay_on_bn ? "kernels" : "all",
  });
  const optimizer = flags.use_rmsprop
    ? rmsprop(flags.learning_rate)
    : sgd(flags.learning_rate, { momentum: 0.9, nesterov: true });
  return {
    loss,
    optimizer,
    gradient: sam(valueAndGrad(loss), { rho: flags.sam_rho }),
    gradientClipping: flags.gradient_clipping || undefined,
  };
}

// deno-lint-ignore no-explicit-any -- the same
export function oracleStep(flags: any, model: Model) {
  const { gradient, optimizer, gradientClipping } = oracleParts(flags, model);
  return trainStep(gradient, optimizer, { gradientClipping });
}

/** What the steps of a fixture begin with. */
export function oracleVariables(oracle: Fixture): Variables {
  return { params: oracle.tree("init_params"), state: oracle.tree("init_state") };
}

/** The batch of a step of a fixture. */
export function oracleBatch(oracle: Fixture, index: number): Batch {
  return { images: oracle.array(`image_${index}`), labels: oracle.array(`label_${index}`) };
}

export function near(actual: tf.Tensor, expected: number, tolerance: number): void {
  const value = actual.dataSync()[0]!;
  assert(Math.abs(value - expected) <= tolerance, `Expected ${expected}, got ${value}`);
}

/** Every family's layers go with parameters for each group of examples. */
import { assert } from "@std/assert";
import { buildModel, efficientNet } from "../../lib/models/mod.ts";
import type { Model } from "../../lib/nn/mod.ts";
import { random, tf } from "../../lib/tensorflow/mod.ts";
import { largestDifference } from "../_fixtures.ts";
import { scoped } from "../_tensors.ts";
import { tinyEfficientNet } from "./_tiny_efficientnet.ts";

const FAMILIES: [name: string, model: Model][] = [
  ...[
    "wide_resnet_10_1",
    "shake_shake_8_2x16d",
    "pyramid_net_11_9_shake_drop",
    "cifar_resnet_8",
    "resnet_50",
  ].map((name): [string, Model] => [name, buildModel(name, { classes: 3 })]),
  ["EfficientNet", efficientNet(tinyEfficientNet)],
];

for (const [name, model] of FAMILIES) {
  Deno.test(
    `${name}: groups with the same parameters are one batch, and with others not`,
    scoped(() => {
      const shape = [4, 32, 32, 3];
      const { params, state } = model.init(0, shape);
      const { params: others } = model.init(1, shape);
      const images = tf.randomNormal(shape, 0, 1, "float32", 2);
      const uniform = (path: string, shape: readonly number[]) =>
        random.uniform(random.seed(path.length), shape);
      const apply = (params: Parameters<Model["apply"]>[0]["params"]) => {
        const { output, state: after } = model.apply({ params, state }, images, {
          train: true,
          uniform,
        });
        return { output, state: after };
      };
      const whole = apply(params);
      assert(largestDifference(apply([params, params]), whole) <= 1e-5);
      assert(largestDifference(apply([params, others]), whole) > 0.1);
    }),
  );
}

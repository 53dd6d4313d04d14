/** Every family learns: a step of SAM moves every parameter that the loss depends on. */
import { assert, assertEquals } from "@std/assert";
import { buildModel, efficientNet } from "../../lib/models/mod.ts";
import type { Model } from "../../lib/nn/mod.ts";
import { sam, valueAndGrad } from "../../lib/optim/mod.ts";
import { namedLeaves, random, tf } from "../../lib/tensorflow/mod.ts";
import { crossEntropy } from "../../lib/train/loss.ts";
import { scoped, values } from "../_tensors.ts";
import { tinyEfficientNet } from "./_tiny_efficientnet.ts";

const FAMILIES: [name: string, model: Model, size: number][] = [
  ...[
    "wide_resnet_10_1",
    "shake_shake_8_2x16d",
    "pyramid_net_11_24",
    "pyramid_net_11_24_shake_drop",
    "cifar_resnet_20",
    "cifar_resnet_20_plain",
  ].map((name): [string, Model, number] => [name, buildModel(name, { classes: 10 }), 32]),
  ["resnet_50", buildModel("resnet_50", { classes: 10 }), 32],
  ["efficientnet", efficientNet(tinyEfficientNet), 32],
];

for (const [name, model, size] of FAMILIES) {
  Deno.test(
    `gradients: ${name} has one for every parameter, in both passes of SAM`,
    scoped(() => {
      const images = random.normal(random.seed(1), [4, size, size, 3]);
      const { params, state } = model.init(0, images.shape);
      const { output } = model.shapes(images.shape);
      const labels = tf.oneHot(tf.tensor1d([0, 1, 2, 3], "int32"), output[1]!).toFloat();
      const gradient = sam(valueAndGrad(crossEntropy(model)), { rho: 0.05 });
      const { grads, loss } = gradient(params, { images, labels }, { state, seed: random.seed(2) });
      assert(Number.isFinite(values(loss)[0]!));
      const found = namedLeaves(grads);
      assertEquals(found.map(([path]) => path), namedLeaves(params).map(([path]) => path));
      const still = found.filter(([, gradient]) => values(gradient).every((value) => value === 0));
      // What a residual branch scales with zero at first moves only its scale.
      const expected = name === "resnet_50" ? /BottleneckResNetBlock/ : /^$/;
      assertEquals(still.filter(([path]) => !expected.test(path)).map(([path]) => path), []);
    }),
  );
}

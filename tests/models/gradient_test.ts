/** Every family learns: a step of SAM moves every parameter that the loss depends on. */
import { assert, assertEquals } from "@std/assert";
import { sam, valueAndGrad } from "../../lib/optim/mod.ts";
import { namedLeaves, random, tf } from "../../lib/tensorflow/mod.ts";
import { crossEntropyLoss } from "../../lib/train/loss.ts";
import { scoped, values } from "../_tensors.ts";
import { FAMILIES } from "./_families.ts";

for (const [name, model, size] of FAMILIES) {
  Deno.test(
    `gradients: ${name} has one for every parameter, in both passes of SAM`,
    scoped(() => {
      const images = random.normal(random.seed(1), [4, size, size, 3]);
      const { params, state } = model.init(0, images.shape);
      const { output } = model.shapes(images.shape);
      const labels = tf.oneHot(tf.tensor1d([0, 1, 2, 3], "int32"), output[1]!).toFloat();
      const gradient = sam(valueAndGrad(crossEntropyLoss(model)), { rho: 0.05 });
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

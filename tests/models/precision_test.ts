/** Every family trains and is evaluated in bfloat16. */
import { assert, assertEquals } from "@std/assert";
import { wideResNet } from "../../lib/models/mod.ts";
import { sam, sgd, valueAndGrad } from "../../lib/optim/mod.ts";
import { compile, leaves, type Precision, random, tf } from "../../lib/tensorflow/mod.ts";
import { crossEntropyLoss, evaluationStep, trainStep } from "../../lib/train/mod.ts";
import { scoped, values } from "../_tensors.ts";
import { FAMILIES } from "./_families.ts";

const STEPS = 4;

for (const [name, model, size] of FAMILIES) {
  Deno.test(
    `precision: ${name} learns a batch by SAM in bfloat16 as it does in float32`,
    scoped(() => {
      const images = random.normal(random.seed(1), [8, size, size, 3]);
      const { output } = model.shapes(images.shape);
      const classes = tf.tensor1d([0, 1, 2, 3, 4, 5, 6, 7], "int32");
      const batch = { images, labels: tf.oneHot(classes, output[1]!).toFloat() };
      const gradient = sam(valueAndGrad(crossEntropyLoss(model)), { rho: 0.02 });
      const optimizer = sgd(0.02, { momentum: 0.9, nesterov: true });

      const train = (precision: Precision) => {
        const { init, step: pure } = trainStep(gradient, optimizer, { gradientClipping: 5 });
        const step = compile(pure, { precision });
        const evaluate = compile(evaluationStep(model), { precision });
        let state = init(model.init(0, images.shape));
        const losses = Array.from({ length: STEPS }, () => {
          const result = step.sync(state, batch, random.seed(2));
          state = result.state;
          return values(result.metrics.loss)[0]!;
        });
        for (const leaf of leaves(state.params)) assertEquals(leaf.dtype, "float32");
        const evaluated = values(evaluate.sync(state, batch).loss)[0]!;
        step.dispose();
        evaluate.dispose();
        return { losses, evaluated };
      };
      const exact = train("float32");
      const narrow = train("bfloat16");
      assert(narrow.losses.every(Number.isFinite), `losses ${narrow.losses}`);
      assert(narrow.losses.some((loss, step) => loss !== exact.losses[step]), "it is float32");
      // The first loss is of the same parameters; the others are on their own way.
      near(narrow.losses[0]!, exact.losses[0]!, 0.02);
      near(narrow.losses.at(-1)!, exact.losses.at(-1)!, 0.2);
      near(narrow.evaluated, exact.evaluated, 0.2);
    }),
  );

  Deno.test(`precision: the layers of ${name} tell what they compute in`, () => {
    const shape = [8, size, size, 3];
    const { layers, precisions } = model.shapes(shape, "bfloat16");
    assertEquals([...precisions.keys()], [...layers.keys()]);
    // Squeeze-and-excite works on means, with a bias, in float32 but for its products.
    const convolutions = [...precisions].filter(([path]) => /conv(?!.*bn)/i.test(path))
      .filter(([path]) => !path.includes("SqueezeExcite"));
    assert(convolutions.length > 0);
    for (const [path, precision] of convolutions) assertEquals(precision, "bfloat16", path);
    assertEquals(new Set(model.shapes(shape).precisions.values()), new Set(["float32"]));
  });
}

function near(actual: number, expected: number, share: number): void {
  const off = Math.abs(actual - expected);
  assert(off <= share * Math.max(1, Math.abs(expected)), `${actual}, not ${expected}`);
}

Deno.test("precision: a wide ResNet is in bfloat16 throughout but for the last layer's sum", () => {
  const { precisions } = wideResNet({ depth: 10, width: 1, classes: 10 })
    .shapes([8, 32, 32, 3], "bfloat16");
  const others = [...precisions].filter(([path]) => path !== "Dense_3");
  for (const [path, precision] of others) assertEquals(precision, "bfloat16", path);
  assertEquals(precisions.get("Dense_3"), "float32");
});

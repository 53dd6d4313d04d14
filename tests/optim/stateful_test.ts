import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { wideResNet } from "../../lib/models/wide_resnet.ts";
import { sam, sgd, type StatefulGradient, valueAndGrad } from "../../lib/optim/mod.ts";
import { compile, random, type TensorRecord, tf, type Tree } from "../../lib/tensorflow/mod.ts";
import { type Batch, crossEntropyLoss, type CrossEntropyMetrics } from "../../lib/train/loss.ts";
import { trainStep } from "../../lib/train/step.ts";
import { PASS } from "../_pass.ts";
import { assertClose, assertSameBits, scoped, values, withoutLeaks } from "../_tensors.ts";
import { climbingByMean, reusing } from "./_stateful.ts";

const model = wideResNet({ depth: 10, width: 1, classes: 10 });
const base = valueAndGrad(crossEntropyLoss(model, { weightDecay: 5e-4 }));
type Gradient = StatefulGradient<TensorRecord, Batch, CrossEntropyMetrics>;
const METHODS: Record<string, Gradient> = {
  "reusing": reusing(base, { rho: 0.1, every: 2 }),
  "climbing by a mean": climbingByMean(base, { rho: 0.1, every: 2, decay: 0.9 }),
};

function start() {
  const seed = random.seed(0);
  const images = random.normal(random.foldIn(seed, 1), [4, 8, 8, 3]);
  const labels = tf.oneHot(tf.tensor1d([0, 3, 7, 9], "int32"), 10).toFloat();
  return { seed, batch: { images, labels }, variables: model.init(seed, [4, 8, 8, 3]) };
}

for (const [name, gradient] of Object.entries(METHODS)) {
  Deno.test(
    `a gradient with a memory, ${name}: compiled equals eager bit for bit`,
    scoped(() => {
      const { seed, batch, variables } = start();
      const { init, step } = trainStep(gradient, sgd(0.1, { momentum: 0.9 }));
      const compiled = compile(step);
      let [eager, traced] = [init(variables), init(variables)];
      for (let count = 0; count < 4; count++) {
        const expected = step(eager, batch, seed);
        const found = compiled.sync(traced, batch, seed);
        assertSameBits(found as unknown as Tree, expected as unknown as Tree);
        [eager, traced] = [expected.state, found.state];
      }
      assertEquals(compiled.traceCount, 1);
      const { step: steps } = eager.gradient as { step: tf.Scalar };
      assertEquals(values(steps), [4]);
      compiled.dispose();
    }),
  );
}

/** ½ w². */
const bowl = valueAndGrad(({ w }: { w: tf.Tensor }) => tf.mul(0.5, tf.sum(tf.square(w))));

Deno.test(
  "a gradient with a memory uses it in the steps between: a bowl by hand",
  scoped(() => {
    const gradient = reusing(bowl, { rho: 0.5, every: 3 });
    let memory: Tree = gradient.init({ w: tf.scalar(1) });
    const found = [1, 2, -3, -4].map((w) => {
      const [{ grads }, next] = gradient.update({ w: tf.scalar(w) }, memory, {}, PASS);
      memory = next;
      return values(grads.w)[0]!;
    });
    // At 1 SAM adds 0.5, which is added until it is found anew, at −4.
    assertEquals(found, [1.5, 2.5, -2.5, -4.5]);
    const climbing = climbingByMean(bowl, { rho: 0.5, every: 2, decay: 0 });
    memory = climbing.init({ w: tf.scalar(1) });
    const climbed = [1, -1, 1, 1].map((w) => {
      const [{ grads }, next] = climbing.update({ w: tf.scalar(w) }, memory, {}, PASS);
      memory = next;
      return values(grads.w)[0]!;
    });
    // Nothing is known at first; the third step climbs by the second one's gradient.
    assertEquals(climbed, [1, -1, 0.5, 1]);
  }),
);

Deno.test(
  "a gradient with a memory that perturbs in every step is SAM, and with rho = 0 SGD",
  scoped(() => {
    const { seed, batch, variables } = start();
    const always = trainStep(reusing(base, { rho: 0.1, every: 1 }), sgd(0.1));
    const plain = trainStep(sam(base, { rho: 0.1 }), sgd(0.1));
    const [found, expected] = [always, plain].map(({ init, step }) =>
      step(init(variables), batch, seed)
    );
    // The difference is taken and added again, which rounds.
    const [a, b] = [found!, expected!].map(({ metrics }) => values(metrics.gradientNorm));
    assertClose(tf.tensor(a!), b!, 1e-5);
    const never = trainStep(reusing(base, { rho: 0, every: 1 }), sgd(0.1));
    const bare = never.step(never.init(variables), batch, seed);
    const sgdStep = trainStep(base, sgd(0.1));
    const expectedBare = sgdStep.step(sgdStep.init(variables), batch, seed);
    assertSameBits(bare.state.params, expectedBare.state.params);
    assertNotEquals(values(bare.metrics.gradientNorm), a);
  }),
);

Deno.test("a gradient with a memory leaves no tensors behind", () =>
  withoutLeaks(() => {
    tf.engine().startScope();
    const { seed, batch, variables } = start();
    const { init, step } = trainStep(METHODS.reusing!, sgd(0.1));
    const compiled = compile(step, { donate: [0] });
    let state = compiled.sync(init(variables), batch, seed).state;
    let counted: number | undefined;
    for (let count = 0; count < 3; count++) {
      const result = compiled.sync(state, batch, seed);
      state = result.state;
      tf.dispose(Object.values(result.metrics));
      counted ??= tf.memory().numTensors;
      assert(tf.memory().numTensors === counted);
    }
    compiled.dispose();
    tf.engine().endScope();
  }));

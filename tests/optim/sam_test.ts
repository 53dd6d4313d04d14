import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { wideResNet } from "../../lib/models/wide_resnet.ts";
import {
  applyUpdates,
  type GradientFunction,
  type Loss,
  type Pass,
  sam,
  sgd,
  valueAndGrad,
} from "../../lib/optim/mod.ts";
import { compile, leaves, mapTree, random, tf, type Tree } from "../../lib/tensorflow/mod.ts";
import { crossEntropyLoss } from "../../lib/train/loss.ts";
import { trainStep } from "../../lib/train/step.ts";
import { PASS } from "../_pass.ts";
import { assertClose, assertSameBits, pytorch, scoped, values, withoutLeaks } from "../_tensors.ts";

const CURVATURES = [4, 1, 0.25];

/** ½ Σ hᵢ wᵢ², whose gradient is h·w; its state is the sum of the weights that it was called at. */
function quadratic({ w }: { w: tf.Tensor }): Loss<{ norm: tf.Tensor }> {
  return {
    loss: tf.mul(0.5, tf.sum(tf.mul(CURVATURES, tf.square(w)))) as tf.Scalar,
    state: { at: w.clone() },
    metrics: { norm: tf.norm(w) },
  };
}

/** A gradient function that counts its calls and remembers what it was given. */
function recorded(gradient: GradientFunction<{ w: tf.Tensor }, unknown>) {
  const calls: { at: number[]; batch: unknown; pass: Pass }[] = [];
  const wrapped: typeof gradient = (params, batch, pass) => {
    calls.push({ at: values(params.w), batch, pass });
    return gradient(params, batch, pass);
  };
  return { calls, wrapped };
}

Deno.test("sam fits into 40 lines of code", async () => {
  const source = await Deno.readTextFile(new URL("../../lib/optim/sam.ts", import.meta.url));
  const code = source.replaceAll(/\/\*[^]*?\*\//g, "").split("\n")
    .filter((line) => !/^\s*(\/\/.*)?$/.test(line));
  assert(code.length <= 40, `${code.length} lines`);
});

Deno.test(
  "sam climbs by a gradient that is told so, and descends by one that is not",
  scoped(() => {
    const descent = valueAndGrad(quadratic);
    // The other way, and longer: only its direction counts.
    const both: typeof descent = (params, batch, pass) =>
      pass.ascent !== true ? descent(params, batch, pass) : {
        ...descent(params, batch, pass),
        state: { at: tf.scalar(7) },
        grads: { w: tf.tensor([0, -3, 0]) },
      };
    const found = sam(both, { rho: 0.5 })({ w: tf.tensor([1, 1, 1]) }, {}, PASS);
    assertClose(found.grads.w, [4, 0.5, 0.25]);
    assertClose((found.state as { at: tf.Tensor }).at, [7]);
  }),
);

Deno.test(
  "sam takes the gradient at w + rho · g / ‖g‖: a quadratic by hand",
  scoped(() => {
    const gradient = valueAndGrad(quadratic);
    for (const rho of [0.05, 0.5, 2]) {
      const w = [0.75, -1, 2];
      const g = w.map((value, index) => CURVATURES[index]! * value);
      const norm = Math.hypot(...g);
      const climbed = w.map((value, index) => value + rho * g[index]! / norm);
      const found = sam(gradient, { rho })({ w: tf.tensor(w) }, {}, PASS);
      assertClose(found.grads.w, climbed.map((value, index) => CURVATURES[index]! * value));
      // Loss and metrics of the second pass, the state of the first.
      const at = climbed.reduce((sum, value, i) => sum + 0.5 * CURVATURES[i]! * value ** 2, 0);
      assertClose(found.loss, [at]);
      assertClose(found.metrics.norm, [Math.hypot(...climbed)]);
      assertClose((found.state as { at: tf.Tensor }).at, w, 0);
    }
  }),
);

Deno.test(
  "sam normalizes over all parameters together, whatever the form of their tree",
  scoped(() => {
    type Deep = { a: tf.Tensor; b: readonly [{ c: tf.Tensor }] };
    const loss = ({ a, b: [{ c }] }: Deep): Loss => ({
      loss: tf.add(tf.sum(tf.square(a)), tf.sum(tf.square(c))).mul(0.5) as tf.Scalar,
      state: {},
      metrics: {},
    });
    const params: Deep = { a: tf.scalar(3), b: [{ c: tf.tensor([[4]]) }] };
    const { grads } = sam(valueAndGrad(loss), { rho: 1 })(params, {}, PASS);
    assertClose(grads.a, [3.6]);
    assertClose(grads.b[0].c, [4.8]);
    assertEquals(grads.b[0].c.shape, [1, 1]);
  }),
);

Deno.test(
  "sam gives both passes the same batch and seed",
  scoped(() => {
    const noisy = valueAndGrad(({ w }: { w: tf.Tensor }, _: unknown, { seed }: Pass) => {
      const noise = random.normal(seed, w.shape);
      const metrics = { noise: tf.sum(noise) };
      return { loss: tf.sum(tf.mul(w, noise)), state: { noise }, metrics };
    });
    const { calls, wrapped } = recorded(noisy);
    const seed = random.seed(3);
    const params = { w: tf.tensor([1, 2, 3]) };
    const batch = {};
    const pass = { state: {}, seed };
    const { state, metrics, grads } = sam(wrapped, { rho: 0.5 })(params, batch, pass);
    assertEquals(calls.map((call) => call.batch === batch), [true, true]);
    assertEquals(calls.map(({ pass }) => pass.seed === seed), [true, true]);
    assertEquals(calls.map(({ pass }) => pass.ascent), [true, undefined]);
    assertNotEquals(calls[0]!.at, calls[1]!.at);
    assertEquals(values((state as { noise: tf.Tensor }).noise), values(grads.w));
    assertClose(metrics.noise!, [values(grads.w).reduce((sum, value) => sum + value, 0)]);
    const again = { state: {}, seed: random.seed(3) };
    assertSameBits(sam(noisy, { rho: 0.5 })(params, batch, again).grads, grads);
  }),
);

Deno.test(
  "sam does not move from where the gradient is 0, and does not hide NaN",
  scoped(() => {
    const { calls, wrapped } = recorded(valueAndGrad(quadratic));
    const { grads, loss } = sam(wrapped, { rho: 0.5 })({ w: tf.zeros([3]) }, {}, PASS);
    assertEquals(calls.map(({ at }) => at), [[0, 0, 0], [0, 0, 0]]);
    assertEquals([values(grads.w), values(loss)], [[0, 0, 0], [0]]);
    const nan = sam(wrapped, { rho: 0.5 })({ w: tf.tensor([NaN, 1, 1]) }, {}, PASS);
    assertEquals(values(nan.grads.w).map(Number.isNaN), [true, true, true]);
  }),
);

Deno.test("sam refuses radii that are negative or not finite", () => {
  for (const rho of [-0.1, -1e-30, NaN, Infinity, -Infinity]) {
    assertThrows(
      () => sam(valueAndGrad(quadratic), { rho }),
      RangeError,
      `Cannot perturb with rho ${rho}: rho must be finite and >= 0`,
    );
  }
});

Deno.test("sam hands over new tensors only", () =>
  withoutLeaks(() => {
    const params = { w: tf.tensor([1, 2, 3]) };
    for (let step = 0; step < 3; step++) {
      const result = sam(valueAndGrad(quadratic), { rho: 0.5 })(params, {}, PASS);
      tf.dispose(result as unknown as tf.TensorContainer);
    }
    params.w.dispose();
  }));

for (const { rho, x, y, start, losses, after } of pytorch.sam) {
  Deno.test(
    `sam with Nesterov momentum equals PyTorch's two passes: rho ${rho}`,
    scoped(() => {
      const inputs = tf.tensor2d(x, [6, 3]);
      const targets = tf.tensor2d(y, [6, 2]);
      const shapes = [[3, 4], [4], [4, 2], [2]];
      type Params = readonly [tf.Tensor2D, tf.Tensor1D, tf.Tensor2D, tf.Tensor1D];
      const network = ([w1, b1, w2, b2]: Params): Loss => {
        const hidden = tf.tanh(tf.add(tf.matMul(inputs, w1), b1));
        const error = tf.sub(tf.add(tf.matMul(hidden, w2), b2), targets);
        const loss = tf.mean(tf.square(error)) as tf.Scalar;
        return { loss, state: { loss }, metrics: {} };
      };
      const gradient = sam(valueAndGrad(network), { rho });
      const optimizer = sgd(0.1, { momentum: 0.9, nesterov: true });
      let params = shapes.map((shape, index) =>
        tf.tensor(start[index], shape)
      ) as unknown as Params;
      let state = optimizer.init(params);
      for (const [step, expected] of after.entries()) {
        const found = gradient(params, {}, PASS);
        assertClose((found.state as { loss: tf.Tensor }).loss, [losses[step]]);
        let updates: Params;
        [updates, state] = optimizer.update(found.grads, state, params);
        params = applyUpdates(params, updates);
        params.forEach((param, index) => assertClose(param, expected[index], 2e-6));
      }
    }),
  );
}

/** A training step of a small wide ResNet with its state before the first one. */
function wideResNetStep(gradientOf: (gradient: ReturnType<typeof baseGradient>) => Gradient) {
  const optimizer = sgd(0.1, { momentum: 0.9, nesterov: true });
  const model = wideResNet({ depth: 10, width: 1, classes: 10 });
  const seed = random.seed(0);
  const batch = {
    images: random.normal(random.foldIn(seed, 1), [4, 8, 8, 3]),
    labels: tf.oneHot(tf.tensor1d([0, 3, 7, 9], "int32"), 10).toFloat(),
  };
  const { init, step } = trainStep(gradientOf(baseGradient(model)), optimizer, {
    gradientClipping: 5,
  });
  const start = init(model.init(seed, [4, 8, 8, 3]));
  return { step, start, batch, seed };
}

type Gradient = ReturnType<typeof baseGradient>;

function baseGradient(model: ReturnType<typeof wideResNet>) {
  return valueAndGrad(crossEntropyLoss(model, { labelSmoothing: 0.1, weightDecay: 5e-4 }));
}

Deno.test(
  "sam on a wide ResNet, compiled, equals eager bit for bit over steps",
  scoped(() => {
    const { step, start, batch, seed } = wideResNetStep((gradient) => sam(gradient, { rho: 0.05 }));
    const compiled = compile(step);
    let [eager, traced] = [start, start];
    for (let count = 0; count < 3; count++) {
      const expected = step(eager, batch, seed);
      const found = compiled.sync(traced, batch, seed);
      assertSameBits(found as unknown as Tree, expected as unknown as Tree);
      [eager, traced] = [expected.state, found.state];
    }
    assertEquals(compiled.traceCount, 1);
    compiled.dispose();
  }),
);

Deno.test(
  "sam with rho = 0 is the base optimizer bit for bit, eager and compiled",
  scoped(() => {
    const base = wideResNetStep((gradient) => gradient);
    const zero = wideResNetStep((gradient) => sam(gradient, { rho: 0 }));
    const compiled = compile(zero.step);
    let [expected, eager, traced] = [base.start, zero.start, zero.start];
    for (let count = 0; count < 3; count++) {
      expected = base.step(expected, base.batch, base.seed).state;
      eager = zero.step(eager, zero.batch, zero.seed).state;
      traced = compiled.sync(traced, zero.batch, zero.seed).state;
      assertSameBits(eager as unknown as Tree, expected as unknown as Tree);
      assertSameBits(traced as unknown as Tree, expected as unknown as Tree);
    }
    // With a rho above 0 it is not.
    const other = wideResNetStep((gradient) => sam(gradient, { rho: 0.05 }));
    const moved = other.step(base.start, base.batch, base.seed).state.params;
    const first = base.step(base.start, base.batch, base.seed).state.params;
    assertNotEquals(values(leaves(moved)[0]!), values(leaves(first)[0]!));
    compiled.dispose();
  }),
);

Deno.test("sam steps of a wide ResNet leave no tensors behind, eager and compiled", () =>
  withoutLeaks(() => {
    tf.engine().startScope();
    const { step, start, batch, seed } = wideResNetStep((gradient) => sam(gradient, { rho: 0.05 }));
    const compiled = compile(step, { donate: [0] });
    for (const run of [step, compiled.sync]) {
      const copied = mapTree((tensor) => tensor.clone(), start as unknown as Tree);
      let counted: number | undefined;
      let state = tf.tidy(() =>
        run(copied as unknown as typeof start, batch, seed).state as unknown as tf.TensorContainer
      ) as unknown as typeof start;
      for (let count = 0; count < 3; count++) {
        const old = state;
        const result = run(old, batch, seed);
        state = result.state;
        tf.dispose([old, result.metrics] as unknown as tf.TensorContainer);
        counted ??= tf.memory().numTensors;
        assertEquals(tf.memory().numTensors, counted);
      }
    }
    compiled.dispose();
    tf.engine().endScope();
  }));

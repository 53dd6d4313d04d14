import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  mSharpness,
  sam,
  type SamStatistics,
  synchronizedMSharpness,
  valueAndGrad,
} from "../../lib/optim/mod.ts";
import { random, tf } from "../../lib/tensorflow/mod.ts";

/** ½ Σ aᵢ (wᵢ − xᵢ)², whose gradient is a (w − x). */
const a = [1, 4];
const loss = ({ w }: { w: tf.Tensor }, x: tf.Tensor) =>
  tf.mul(0.5, tf.mean(tf.sum(tf.mul(a, tf.square(tf.sub(w, x))), 1)));
const groups = (params: readonly { w: tf.Tensor }[], x: tf.Tensor) => {
  const parts = tf.split(x, params.length);
  const losses = params.map((own, index) => loss(own, parts[index]!));
  return tf.div(tf.addN(losses), params.length) as tf.Scalar;
};
const pass = { state: {}, seed: random.seed(0) };
const RHO = 0.5;

/** By hand, of one group. */
function byHand(w: readonly number[], xs: readonly (readonly number[])[]) {
  const gradient = (w: readonly number[]) =>
    w.map((wi, i) => a[i]! * (wi - xs.reduce((sum, x) => sum + x[i]!, 0) / xs.length));
  const value = (w: readonly number[]) =>
    xs.reduce((sum, x) => sum + w.reduce((s, wi, i) => s + 0.5 * a[i]! * (wi - x[i]!) ** 2, 0), 0) /
    xs.length;
  const norm = (v: readonly number[]) => Math.hypot(...v);
  const clean = gradient(w);
  const there = w.map((wi, i) => wi + RHO * clean[i]! / norm(clean));
  const perturbed = gradient(there);
  const dot = clean[0]! * perturbed[0]! + clean[1]! * perturbed[1]!;
  return {
    samCleanLoss: value(w),
    samPerturbedLoss: value(there),
    samLossGap: value(there) - value(w),
    samCleanGradientNorm: norm(clean),
    samPerturbedGradientNorm: norm(perturbed),
    samPerturbationNorm: RHO,
    samGradientCosine: dot / norm(clean) / norm(perturbed),
  };
}

function check(metrics: object, expected: Record<string, number>): void {
  const told = metrics as SamStatistics;
  const names = Object.keys(told).filter((name) => name.startsWith("sam"));
  assertEquals(names.sort(), Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected)) {
    assertAlmostEquals(told[name as keyof SamStatistics].dataSync()[0]!, value, 1e-5);
  }
}

const xs = [[0, 0], [1, 2], [0, 1], [2, 2]];

Deno.test("SAM's statistics: losses, gradients and their angle, as computed by hand", () => {
  const params = { w: tf.tensor1d([3, 1]) };
  const found = sam(valueAndGrad(loss), { rho: RHO, statistics: true })(
    params,
    tf.tensor2d(xs),
    pass,
  );
  check(found.metrics, byHand([3, 1], xs));
  const plain = sam(valueAndGrad(loss), { rho: RHO })(params, tf.tensor2d(xs), pass);
  assertEquals(Object.keys(plain.metrics), []);
  assertEquals(found.grads.w.dataSync(), plain.grads.w.dataSync());
});

Deno.test("SAM's statistics: of groups of m the means, synchronised or not", () => {
  const params = { w: tf.tensor1d([3, 1]) };
  const parts = [xs.slice(0, 2), xs.slice(2)].map((part) => byHand([3, 1], part));
  const means = Object.fromEntries(
    Object.entries(parts[0]!).map(([name, value]) => [
      name,
      (value + (parts[1] as Record<string, number>)[name]!) / 2,
    ]),
  );
  const own = sam(valueAndGrad(loss), { rho: RHO, statistics: true });
  check(mSharpness(own, { m: 2 })(params, tf.tensor2d(xs), pass).metrics, means);
  const together = synchronizedMSharpness(valueAndGrad(groups), {
    rho: RHO,
    m: 2,
    statistics: true,
  });
  check(together(params, tf.tensor2d(xs), pass).metrics, means);
});

Deno.test("SAM's statistics: a gradient of zero has no perturbation and no angle", () => {
  const x = tf.tensor2d([[3, 1]]);
  const own = sam(valueAndGrad(loss), { rho: RHO, statistics: true });
  const { metrics } = own({ w: tf.tensor1d([3, 1]) }, x, pass);
  const told = metrics as SamStatistics;
  const values = [told.samPerturbationNorm, told.samGradientCosine, told.samLossGap];
  assertEquals(values.map((value) => value.dataSync()[0]), [0, 0, 0]);
  // SGD has no neighbourhood.
  assertEquals(
    Object.keys(sam(valueAndGrad(loss), { rho: 0, statistics: true })({ w: x }, x, pass).metrics),
    [],
  );
});

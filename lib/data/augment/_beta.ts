import { attribute, backend, DType, random, tf } from "../../tensorflow/mod.ts";

/**
 * Numbers from Beta(α, α), float32 [count] in [0, 1].
 *
 * Source: G / (G + H) for G and H from Gamma(α), in logarithms, where ln G is ln Gamma(α + 1) + ln U / α
 * (Marsaglia and Tsang 2000, section 6): for small α both would be 0 in float32.
 */
export function symmetricBeta(seed: random.Seed, count: number, alpha: number): tf.Tensor {
  if (alpha === 1) return random.uniform(seed, [count]);
  return tf.tidy(() => {
    const [gammaSeed, uniformSeed] = random.split(seed).unstack() as [random.Seed, random.Seed];
    const [gamma] = backend.run(
      "StatelessRandomGammaV2",
      [
        attribute.type("dtype", DType.float32),
        attribute.type("T", DType.int32),
        attribute.type("Tseed", DType.int32),
      ],
      [tf.tensor1d([2, count], "int32"), gammaSeed, tf.scalar(alpha + 1)],
      1,
    );
    const logUniform = tf.log(tf.sub(1, random.uniform(uniformSeed, [2, count])));
    const [first, second] = tf.add(tf.log(gamma!), tf.div(logUniform, alpha)).unstack();
    return tf.sigmoid(tf.sub(first!, second!));
  });
}

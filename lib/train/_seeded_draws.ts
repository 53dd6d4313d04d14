/**
 * Runs `body` with `Math.random` by a seed: TensorFlow.js draws from it where it is given no seed, and
 * where its normal distributions are given the seed 0.
 *
 * Source: splitmix32 (Steele, Lea and Flood 2014, "Fast Splittable Pseudorandom Number Generators").
 */
export function withSeededDraws<T>(seed: number, body: () => T): T {
  const { random } = Math;
  let state = seed | 0;
  Math.random = () => {
    state = (state + 0x9e3779b9) | 0;
    let word = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
    return ((word ^ (word >>> 15)) >>> 0) / 2 ** 32;
  };
  try {
    return body();
  } finally {
    Math.random = random;
  }
}

import { tf } from "../../../lib/tensorflow/mod.ts";
import type { Draw, Family, Input } from "./_draw.ts";

/** Two matrices, or batches of them that broadcast, whose product exists. */
function matrices(draw: Draw) {
  const batch = draw.chance(0.5) ? [] : draw.shape(1, 2, 3);
  const [rows, inner, columns] = [draw.extent(), draw.extent(), draw.extent()];
  const [transposeA, transposeB] = [draw.chance(0.3), draw.chance(0.3)];
  const a = transposeA ? [inner, rows] : [rows, inner];
  const b = transposeB ? [columns, inner] : [inner, columns];
  const inputs: [Input, Input] = [
    draw.floats([...batch, ...a]),
    // Other broadcasting is wrong in the cpu backend, which counts matrices, not batches.
    draw.floats([...(draw.chance(0.3) ? batch.map(() => 1) : batch), ...b]),
  ];
  return { inputs, columns, transposeA, transposeB };
}

const EQUATIONS: readonly [equation: string, a: string, b: string][] = [
  ["ij,jk->ik", "ij", "jk"],
  ["ij,jk->ki", "ij", "jk"],
  ["bij,bjk->bik", "bij", "bjk"],
  ["ij,ij->", "ij", "ij"],
  ["ij,ij->ij", "ij", "ij"],
  ["i,j->ij", "i", "j"],
  ["bij,kj->bik", "bij", "kj"],
];

/** Products of matrices, and transformations of signals. */
export const products: Readonly<Record<string, Family>> = {
  matMul: (draw) => {
    const { inputs, transposeA, transposeB } = matrices(draw);
    return {
      inputs,
      text: `transpose ${transposeA} ${transposeB}`,
      run: (a, b) => tf.matMul(a!, b!, transposeA, transposeB),
    };
  },
  fusedMatMul: (draw) => {
    const { inputs, columns, transposeA, transposeB } = matrices(draw);
    const activation = draw.pick(["linear", "relu", "relu6", "elu", "sigmoid"] as const);
    return {
      inputs: [...inputs, draw.floats([columns])],
      text: `transpose ${transposeA} ${transposeB} activation ${activation}`,
      run: (a, b, bias) =>
        tf.fused.matMul({ a: a!, b: b!, transposeA, transposeB, bias: bias!, activation }),
    };
  },
  einsum: (draw) => {
    const [equation, a, b] = draw.pick(EQUATIONS);
    const extents = new Map([...new Set(a + b)].map((label) => [label, draw.extent(4)]));
    const input = (labels: string) => draw.floats([...labels].map((label) => extents.get(label)!));
    return {
      inputs: [input(a), input(b)],
      text: equation,
      run: (x, y) => tf.einsum(equation, x!, y!),
    };
  },
  outerProduct: (draw) => ({
    inputs: [draw.floats([draw.extent()]), draw.floats([draw.extent()])],
    text: "",
    run: (a, b) => tf.outerProduct(a as tf.Tensor1D, b as tf.Tensor1D),
  }),
  tensordot: (draw) => {
    const [rows, inner, columns] = [draw.extent(), draw.extent(), draw.extent()];
    return {
      inputs: [draw.floats([rows, inner]), draw.floats([inner, columns])],
      text: "axes 1",
      run: (a, b) => {
        const product = tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D);
        return tf.reshape(product, [rows, columns]);
      },
    };
  },
  fft: (draw) => ({
    inputs: [draw.floats([draw.extent(3), draw.integer(1, 8)])],
    text: "",
    run: (x) => {
      const result = tf.spectral.fft(tf.complex(x!, tf.zerosLike(x!)));
      return [tf.real(result), tf.imag(result)];
    },
  }),
  rfft: (draw) => ({
    inputs: [draw.floats([draw.extent(3), draw.integer(1, 8)])],
    text: "",
    run: (x) => {
      const result = tf.spectral.rfft(x!);
      return [tf.real(result), tf.imag(result)];
    },
  }),
};

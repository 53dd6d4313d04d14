import { tf } from "../../../lib/tensorflow/mod.ts";
import type { Draw, Family, Input } from "./_draw.ts";

type Unary = (x: tf.Tensor) => tf.Tensor;
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

const UNARY: Readonly<Record<string, [op: Unary, low?: number, high?: number]>> = {
  abs: [tf.abs],
  acos: [tf.acos, -1, 1],
  acosh: [tf.acosh, 1, 4],
  asin: [tf.asin, -1, 1],
  asinh: [tf.asinh],
  atan: [tf.atan],
  atanh: [tf.atanh, -0.9, 0.9],
  ceil: [tf.ceil],
  clipByValue: [(x) => tf.clipByValue(x, -0.5, 1)],
  cos: [tf.cos],
  cosh: [tf.cosh],
  elu: [tf.elu],
  erf: [tf.erf],
  exp: [tf.exp],
  expm1: [tf.expm1],
  floor: [tf.floor],
  isFinite: [tf.isFinite],
  isInf: [tf.isInf],
  isNaN: [tf.isNaN],
  leakyRelu: [(x) => tf.leakyRelu(x, 0.3)],
  log: [tf.log, 0.1, 4],
  log1p: [tf.log1p, -0.5, 4],
  logSigmoid: [tf.logSigmoid],
  neg: [tf.neg],
  reciprocal: [tf.reciprocal, 0.2, 3],
  relu: [tf.relu],
  relu6: [tf.relu6, -3, 9],
  round: [tf.round],
  rsqrt: [tf.rsqrt, 0.2, 3],
  selu: [tf.selu],
  sigmoid: [tf.sigmoid],
  sign: [tf.sign],
  sin: [tf.sin],
  sinh: [tf.sinh],
  softplus: [tf.softplus],
  sqrt: [tf.sqrt, 0.1, 4],
  square: [tf.square],
  step: [(x) => tf.step(x, 0.25)],
  tan: [tf.tan, -1, 1],
  tanh: [tf.tanh],
};

const BINARY: Readonly<Record<string, Binary>> = {
  add: tf.add,
  atan2: tf.atan2,
  div: tf.div,
  divNoNan: tf.divNoNan,
  floorDiv: tf.floorDiv,
  maximum: tf.maximum,
  minimum: tf.minimum,
  mod: tf.mod,
  mul: tf.mul,
  prelu: tf.prelu,
  squaredDifference: tf.squaredDifference,
  sub: tf.sub,
};

const COMPARISONS: Readonly<Record<string, Binary>> = {
  equal: tf.equal,
  greater: tf.greater,
  greaterEqual: tf.greaterEqual,
  less: tf.less,
  lessEqual: tf.lessEqual,
  notEqual: tf.notEqual,
};

const LOGICAL: Readonly<Record<string, Binary>> = {
  logicalAnd: tf.logicalAnd,
  logicalOr: tf.logicalOr,
  logicalXor: tf.logicalXor,
};

/** Two inputs that broadcast, either of them the smaller one. */
function pair(draw: Draw, make: (shape: number[]) => Input): [Input, Input] {
  const shape = draw.shape(0, 4);
  const inputs: [Input, Input] = [make(shape), make(draw.broadcasting(shape))];
  return draw.chance(0.5) ? inputs : [inputs[1], inputs[0]];
}

function mapValues<T>(
  table: Readonly<Record<string, T>>,
  family: (entry: T) => Family,
): Record<string, Family> {
  return Object.fromEntries(Object.entries(table).map(([name, entry]) => [name, family(entry)]));
}

export const elementwise: Readonly<Record<string, Family>> = {
  ...mapValues(UNARY, ([op, low, high]) => (draw) => ({
    inputs: [draw.floats(draw.shape(0, 6), low, high)],
    text: "",
    run: op,
  })),
  ...mapValues(BINARY, (op) => (draw) => ({
    // Far from 0, where a rounding of the divisor would become another quotient.
    inputs: pair(draw, (shape) => draw.floats(shape, 0.5, 3)),
    text: "",
    run: op,
  })),
  pow: (draw) => ({
    inputs: pair(draw, (shape) => draw.floats(shape, 0.2, 2)),
    text: "",
    run: tf.pow as unknown as Binary,
  }),
  ...mapValues(COMPARISONS, (op) => (draw) => {
    const dtype = draw.pick(["float32", "int32", "bool"] as const);
    return { inputs: pair(draw, (shape) => draw.any(shape, [dtype])), text: "", run: op };
  }),
  ...mapValues(LOGICAL, (op) => (draw) => ({
    inputs: pair(draw, (shape) => draw.bools(shape)),
    text: "",
    run: op,
  })),
  logicalNot: (draw) => ({ inputs: [draw.bools(draw.shape(0, 6))], text: "", run: tf.logicalNot }),
  integerArithmetic: (draw) => {
    const name = draw.pick(["add", "sub", "mul", "maximum", "minimum", "squaredDifference"]);
    return { inputs: pair(draw, (shape) => draw.integers(shape)), text: name, run: BINARY[name]! };
  },
  where: (draw) => {
    const shape = draw.shape(0, 4);
    const inputs = [
      draw.bools(draw.broadcasting(shape)),
      draw.floats(shape),
      draw.floats(draw.broadcasting(shape)),
    ];
    return { inputs, text: "", run: (condition, a, b) => tf.where(condition!, a!, b!) };
  },
  cast: (draw) => {
    const to = draw.pick(["float32", "int32", "bool"] as const);
    return { inputs: [draw.any(draw.shape(0, 6))], text: to, run: (x) => tf.cast(x!, to) };
  },
  addN: (draw) => {
    const shape = draw.shape(0, 4);
    const inputs = Array.from({ length: draw.integer(1, 4) }, () => draw.floats(shape));
    return { inputs, text: "", run: (...xs) => tf.addN(xs) };
  },
  softmax: (draw) => ({
    inputs: [draw.floats(draw.shape(1, 4))],
    text: "",
    run: (x) => tf.softmax(x!),
  }),
  logSoftmax: (draw) => ({
    inputs: [draw.floats(draw.shape(1, 4))],
    text: "",
    run: (x) => tf.logSoftmax(x!),
  }),
};

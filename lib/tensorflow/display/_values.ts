import * as tf from "@tensorflow/tfjs";
import { booleanFormat, floatFormat, integerFormat } from "./_numbers.ts";
import { EDGE, type Grid, THRESHOLD } from "./_layout.ts";

/**
 * A tensor's elements as texts. Of one that is summarised, only what is shown is read. The tensors
 * made on the way are disposed.
 */
export function gridOf(tensor: tf.Tensor): Grid {
  const { shape, size } = tensor;
  const isSummary = size > THRESHOLD;
  const isCut = (extent: number) => isSummary && extent > 2 * EDGE;
  const kept = shape.map((extent) => isCut(extent) ? 2 * EDGE : extent);
  const texts = textsOf(isSummary ? edgesOf(tensor) : tensor.dataSync(), tensor);
  const strides = kept.map((_, axis) => kept.slice(axis + 1).reduce((all, one) => all * one, 1));
  return {
    shape,
    isSummary,
    element: (index) => {
      const flat = index.reduce(
        (sum, at, axis) => sum + (at < 0 ? at + kept[axis]! : at) * strides[axis]!,
        0,
      );
      return texts[flat]!;
    },
  };
}

type Values = ArrayLike<number> | ArrayLike<string>;

/** The values at the ends of long axes. */
function edgesOf(tensor: tf.Tensor): Values {
  return tf.tidy(() => {
    let part: tf.Tensor = tensor;
    for (const [axis, extent] of tensor.shape.entries()) {
      if (extent <= 2 * EDGE) continue;
      const [front, back] = [0, extent - EDGE].map((start) => {
        const begin = part.shape.map(() => 0), size = [...part.shape];
        begin[axis] = start;
        size[axis] = EDGE;
        return tf.slice(part, begin, size);
      });
      part = tf.concat([front!, back!], axis);
    }
    return part.dataSync();
  }) as Values;
}

function textsOf(values: Values, { dtype, rank }: tf.Tensor): string[] {
  const elements = Array.from(values as ArrayLike<number | string>);
  switch (dtype) {
    case "string":
      return elements.map((value) => JSON.stringify(value));
    case "bool":
      return (elements as number[]).map(booleanFormat(rank === 0));
    case "int32":
      return (elements as number[]).map(integerFormat(elements as number[]));
    case "complex64":
      return pairs(elements as number[]).map(([real, imaginary]) =>
        `${real}${imaginary < 0 || Object.is(imaginary, -0) ? "-" : "+"}${Math.abs(imaginary)}j`
      );
    default:
      return (elements as number[]).map(floatFormat(elements as number[]));
  }
}

function pairs(values: readonly number[]): [number, number][] {
  return Array.from(
    { length: values.length / 2 },
    (_, at) => [values[2 * at]!, values[2 * at + 1]!],
  );
}

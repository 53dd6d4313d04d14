import { compile, random, tf } from "../../lib/tensorflow/mod.ts";
import type { Setup } from "../_protocol.ts";

/** The convolutions of a SAM step and nothing else: forward and both gradients, twice. */
export function convolutions(
  { blocks, width, batch, size, precision }: Setup,
): () => Promise<number> {
  const layers = layersOf(blocks, width, size).map(([size, inputs, outputs, strides], index) => ({
    input: random.normal(random.seed(3 * index), [batch, size, size, inputs]),
    kernel: random.normal(random.seed(3 * index + 1), [3, 3, inputs, outputs], 0, 0.01),
    gradient: random.normal(random.seed(3 * index + 2), [
      batch,
      size / strides,
      size / strides,
      outputs,
    ]),
    strides,
  }));
  const arrays = layers.map(({ input, kernel, gradient }) => ({ input, kernel, gradient }));
  const once = (given: typeof arrays) =>
    given.map(({ input, kernel, gradient }, index) => {
      const forward = (x: tf.Tensor, w: tf.Tensor) =>
        tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, layers[index]!.strides, "same");
      const [dx, dw] = tf.grads(forward)([input, kernel], gradient);
      return [forward(input, kernel), dx!, dw!];
    });
  const compiled = compile(once, { name: "convolutions", precision });
  return async () => {
    for (let pass = 0; pass < 2; pass++) tf.dispose(await compiled(arrays));
    return 0;
  };
}

/** Size and channels of the input, output channels and strides of each 3×3 convolution. */
function layersOf(blocks: number, width: number, size: number) {
  const layers: [size: number, inputs: number, outputs: number, strides: number][] = [];
  layers.push([size, 3, 16, 1]);
  let inputs = 16;
  for (let group = 0; group < 3; group++) {
    const outputs = 16 * width * 2 ** group;
    for (let block = 0; block < blocks; block++) {
      const strides = group > 0 && block === 0 ? 2 : 1;
      layers.push([size, inputs, outputs, strides]);
      size /= strides;
      layers.push([size, outputs, outputs, 1]);
      inputs = outputs;
    }
  }
  return layers;
}

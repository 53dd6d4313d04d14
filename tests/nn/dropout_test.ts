import { assertEquals, assertThrows } from "@std/assert";
import { dropout, model, stochasticDepth } from "../../lib/nn/mod.ts";
import { random, tf } from "../../lib/tensorflow/mod.ts";
import { scoped, values } from "../_tensors.ts";

const nothing = { params: {}, state: {} };
const x = () => tf.tensor4d([1, 2, 3, 4], [2, 1, 1, 2]);

Deno.test(
  "dropout keeps where the draw is at least the rate, and makes up for what it drops, by hand",
  scoped(() => {
    const layer = model((scope, x) => dropout(scope, x, 0.75));
    const uniform = (_: string, shape: readonly number[]) =>
      tf.tensor([0.74, 0.75, 0.1, 0.99], [...shape]);
    const { output } = layer.apply(nothing, x(), { train: true, uniform });
    assertEquals(values(output), [0, 8, 0, 16]);
    assertEquals(values(layer.apply(nothing, x()).output), [1, 2, 3, 4]);
  }),
);

Deno.test(
  "stochasticDepth drops whole examples, by hand",
  scoped(() => {
    const layer = model((scope, x) => stochasticDepth(scope, x, 0.5));
    const shapes: (readonly number[])[] = [];
    const uniform = (_: string, shape: readonly number[]) => {
      shapes.push(shape);
      return tf.tensor([0.4, 0.6], [2, 1, 1, 1]);
    };
    const { output } = layer.apply(nothing, x(), { train: true, uniform });
    assertEquals(values(output), [0, 0, 6, 8]);
    assertEquals(shapes, [[2, 1, 1, 1]]);
    assertEquals(values(layer.apply(nothing, x()).output), [1, 2, 3, 4]);
  }),
);

Deno.test(
  "dropout of rate 0 needs no seed; rates that cannot be are refused",
  scoped(() => {
    const layer = (rate: number) => model((scope, x) => dropout(scope, x, rate));
    assertEquals(values(layer(0).apply(nothing, x(), { train: true }).output), [1, 2, 3, 4]);
    for (const rate of [1, -0.1, NaN]) {
      const pass = () => layer(rate).apply(nothing, x(), { train: true, seed: random.seed(0) });
      assertThrows(pass, RangeError, `Cannot drop with rate ${rate}`);
    }
  }),
);

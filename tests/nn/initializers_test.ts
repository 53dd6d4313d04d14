import { assert, assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import {
  heNormalFanOut,
  heTruncatedFanOut,
  lecunNormal,
  ones,
  uniformFanOut,
  zeros,
} from "../../lib/nn/mod.ts";
import { random, tf } from "../../lib/tensorflow/mod.ts";
import { scoped, values } from "../_tensors.ts";

const moment = (numbers: readonly number[], power: number) =>
  numbers.reduce((sum, value) => sum + value ** power, 0) / numbers.length;

Deno.test(
  "heNormalFanOut is normal with variance 2 / (height · width · outputs)",
  scoped(() => {
    for (const [shape, fanOut] of [[[3, 3, 64, 32], 9 * 32], [[200, 100], 100]] as const) {
      const drawn = values(heNormalFanOut(random.seed(1), shape));
      const variance = moment(drawn, 2);
      assertAlmostEquals(variance * fanOut / 2, 1, 0.03);
      assertAlmostEquals(moment(drawn, 1) / Math.sqrt(variance), 0, 0.03);
      assertAlmostEquals(moment(drawn, 4) / variance ** 2, 3, 0.1);
      // Not truncated.
      assert(Math.max(...drawn.map(Math.abs)) > 3.5 * Math.sqrt(variance));
    }
  }),
);

Deno.test(
  "lecunNormal and heTruncatedFanOut: their variance, though cut off at two deviations",
  scoped(() => {
    const shape = [3, 3, 64, 32];
    for (
      const [initializer, wanted] of [
        [lecunNormal, 1 / (9 * 64)],
        [heTruncatedFanOut, 2 / (9 * 32)],
      ] as const
    ) {
      const drawn = values(initializer(random.seed(1), shape));
      assertAlmostEquals(moment(drawn, 2) / wanted, 1, 0.03);
      assertAlmostEquals(moment(drawn, 1) / Math.sqrt(wanted), 0, 0.03);
      // The deviation of the normal that is cut is larger than what remains.
      const limit = 2 * Math.sqrt(wanted) / 0.87962566;
      const largest = Math.max(...drawn.map(Math.abs));
      assert(largest <= limit * 1.0001 && largest > 0.98 * limit, `${largest}, not ${limit}`);
    }
  }),
);

Deno.test(
  "uniformFanOut is uniform in ±1/√outputs: of the outputs, not the inputs",
  scoped(() => {
    const drawn = values(uniformFanOut(random.seed(1), [640, 10]));
    const bound = 1 / Math.sqrt(10);
    assert(drawn.every((value) => Math.abs(value) <= bound));
    assert(Math.max(...drawn) > 0.99 * bound && Math.min(...drawn) < -0.99 * bound);
    assertAlmostEquals(moment(drawn, 2) / (bound ** 2 / 3), 1, 0.03);
    assertAlmostEquals(moment(drawn, 1) / bound, 0, 0.03);
  }),
);

Deno.test(
  "initializers draw the same from the same seed, and have the shape asked for",
  scoped(() => {
    const shapes = [[], [3], [0, 3], [2, 3], [1, 1, 2, 3]];
    for (const initializer of [heNormalFanOut, uniformFanOut, zeros, ones]) {
      for (const shape of shapes) {
        const drawn = initializer(random.seed(4), shape);
        assertEquals([drawn.shape, drawn.dtype], [shape, "float32"]);
        assertEquals(values(initializer(random.seed(4), shape)), values(drawn));
        assert(values(drawn).every(Number.isFinite));
      }
    }
    for (const initializer of [heNormalFanOut, uniformFanOut]) {
      const [first, other] = [4, 5].map((seed) => initializer(random.seed(seed), [2, 3]));
      assertNotEquals(values(first!), values(other!));
    }
    assertEquals(values(tf.add(zeros(random.seed(0), [2]), ones(random.seed(0), [2]))), [1, 1]);
  }),
);

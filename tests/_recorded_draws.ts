/** Random numbers that the original code drew, in the order in which it drew them. */
import { tf } from "../lib/tensorflow/mod.ts";
import type { Fixture } from "./_fixtures.ts";

/**
 * What `Model.apply` takes as `uniform`: the draws of a fixture one after another, as the uniform
 * numbers from which the layers make the recorded ones.
 *
 * @param names of the arrays that hold draw number `index`: one, or one of each replica, whose examples
 *   follow each other in the batch
 */
export function recordedDraws(
  oracle: Fixture,
  names: (index: number) => string | readonly string[],
): (path: string, shape: readonly number[]) => tf.Tensor {
  let index = 0;
  return (path, shape) => {
    const parts = [names(index++)].flat().map((name) => oracle.array(name));
    const drawn = tf.concat(parts).reshape([...shape]);
    switch (path.split("/").at(-1)) {
      case "alpha": // uniform in [-1, 1)
        return drawn.add(1).div(2);
      case "mask": // whether kept: the floor of a uniform number plus the probability to be
      case "dropout":
      case "stochastic_depth":
        return drawn.mul(0.99999);
      default:
        return drawn;
    }
  };
}

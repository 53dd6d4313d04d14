/** Random numbers that the original code drew, in the order in which it drew them. */
import { tf } from "../lib/tensorflow/mod.ts";
import type { Fixture } from "./_fixtures.ts";

/**
 * What `Model.apply` takes as `uniform`: the draws of a fixture one after another, as the uniform
 * numbers from which the layers make the recorded ones.
 *
 * @param name of the array that holds draw number `index`
 */
export function recordedDraws(
  oracle: Fixture,
  name: (index: number) => string,
): (path: string, shape: readonly number[]) => tf.Tensor {
  let index = 0;
  return (path, shape) => {
    const drawn = oracle.array(name(index++)).reshape([...shape]);
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

import { namedLeaves, tf, type Tree } from "../tensorflow/mod.ts";

/**
 * Refuses parameters that cannot be trained.
 *
 * @throws TypeError unless they are at least one tensor, and all of them tensors of float32, each of its
 *   own, with a path of its own
 */
export function checkParameters(parameters: unknown): void {
  const found: readonly [path: string, leaf: unknown][] = namedLeaves(parameters as Tree);
  const others = found.filter(([, leaf]) => !(leaf instanceof tf.Tensor));
  if (found.length === 0 || others.length > 0) {
    const what = found.length === 0 ? "there is none" : `one is ${others[0]![1]}, not a tensor`;
    throw new TypeError(
      `Cannot train these parameters: ${what}. Give tensors in records or arrays, such as ` +
        "{ w: tf.scalar(0) }; a model's init gives them as { params, state? }",
    );
  }
  const seen = new Map<unknown, string>();
  for (const [path, tensor] of found as [string, tf.Tensor][]) {
    const wrong = whatIsWrong(path, tensor, seen);
    if (wrong !== undefined) throw new TypeError(`Cannot train these parameters: ${wrong}`);
    seen.set(tensor, path).set(path, path);
  }
}

/** What is wrong with a parameter, in a sentence. @param seen paths by tensors, and those paths */
function whatIsWrong(
  path: string,
  tensor: tf.Tensor,
  seen: ReadonlyMap<unknown, string>,
): string | undefined {
  const name = path || "what is given";
  if (tensor.isDisposed) return `${name} was disposed`;
  if (tensor.dtype !== "float32") {
    return `${name} is ${tensor.dtype}, and only float32 has gradients. Cast it; what is not trained the ` +
      "loss may use besides its arguments";
  }
  const twin = seen.get(tensor);
  if (twin !== undefined) {
    return `${twin} and ${name} are one tensor, which would be trained as two. Give it once, and use it ` +
      "in both places";
  }
  if (seen.has(path)) return `two have the path ${path}. Use names without slashes`;
}

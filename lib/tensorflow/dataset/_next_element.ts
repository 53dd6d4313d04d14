import { backend } from "../backend/mod.ts";
import { type Attribute, TensorFlowError } from "../native/mod.ts";

/** What TensorFlow says where an element fails: in a function of the caller's, and why. */
const FAILED =
  /^Cannot run IteratorGetNext: (Error in user-defined function .*? Iterator::[\w:[\]]+: )?(.*)$/s;

/**
 * The tensors of an iterator's next element; undefined at its end.
 *
 * @param types of the element's tensors
 * @param titles of the functions by which elements are mapped, for errors
 * @throws TensorFlowError if the element cannot be made, with TensorFlow's reason
 */
export async function nextElement(
  iterator: number,
  types: readonly Attribute[],
  count: number,
  titles: readonly string[],
): Promise<number[] | undefined> {
  try {
    return await backend.binding.executeAsync("IteratorGetNext", types, [iterator], count);
  } catch (error) {
    if (!(error instanceof TensorFlowError)) throw error;
    if (error.code === "OUT_OF_RANGE") return undefined;
    const [, isOfFunction, reason = error.message] = FAILED.exec(error.message) ?? [];
    const by = isOfFunction === undefined ? "" : ` by ${[...new Set(titles)].join(" or ")}`;
    throw new TensorFlowError(`Cannot make an element of the data set${by}: ${reason}`, error.code);
  }
}

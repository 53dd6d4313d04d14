import { tf } from "../tensorflow/mod.ts";
import { type Bundle, type Displayable, displayable } from "./_display.ts";
import { imageGrid } from "./image_grid.ts";

/** Options of {@linkcode show}. */
export interface ShowOptions {
  /** Draws a tensor [height, width, 1 or 3] or [N, height, width, 1 or 3] as {@linkcode imageGrid}. */
  readonly as?: "images";
}

/**
 * Any value as something that shows itself: as it does by itself where it can, else as text that is
 * never empty, for values that Deno's notebook shows as nothing (null, NaN, Infinity, −0, undefined).
 *
 * Reads a tensor's values; the tensor stays the caller's, until a notebook has drawn it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { show } from "sam/notebook";
 * import { tf } from "sam";
 *
 * assertEquals(`${show(tf.tensor([1, 2]))}`, "Tensor float32 [2]\n[1., 2.]");
 * const pictures = show(tf.zeros([8, 8, 3]), { as: "images" });
 * ```
 *
 * @throws TypeError where something else than a tensor is to be drawn as images
 */
export function show(value: unknown, { as }: ShowOptions = {}): Displayable {
  const text = Deno.inspect(value);
  if (as === "images") {
    if (!(value instanceof tf.Tensor)) {
      throw new TypeError(`Cannot show ${typeof value} as images: it must be a tensor`);
    }
    return displayable(() => drawn(value), text);
  }
  return displayable(() => ownBundle(value) ?? { "text/plain": text }, text);
}

/** What a value that shows itself gives to a notebook. */
function ownBundle(value: unknown): Bundle | Promise<Bundle> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const display = (value as Record<symbol, unknown>)[Symbol.for("Jupyter.display")];
  return typeof display === "function" ? display.call(value) : undefined;
}

async function drawn(tensor: tf.Tensor): Promise<Bundle> {
  const images = tensor.rank === 3 ? tensor.expandDims(0) : tensor.clone();
  try {
    return await ownBundle(await imageGrid(images))!;
  } finally {
    images.dispose();
  }
}

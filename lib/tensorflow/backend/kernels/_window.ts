/** Padding as TensorFlow.js's attributes give it, with the channels last. */
export type Pad = "same" | "valid" | number | readonly (readonly [number, number])[];

/** How a fractional output size becomes an integer one. */
export type Rounding = "floor" | "round" | "ceil";

/** A window that slides over the axes between the batch and the channels. */
export interface Window {
  /** Of the window, along each axis from batch to channels. */
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padding: "SAME" | "VALID" | "EXPLICIT";
  /** Zeros before and after each axis, if the padding is explicit. */
  readonly pads: readonly (readonly [number, number])[];
  /** Sizes of the padded input and of the output along the window's axes; -1 where unknown. */
  readonly padded: readonly number[];
  readonly output: readonly number[];
}

/** Attributes of TensorFlow.js that describe a window. */
export interface WindowAttributes {
  readonly strides: number | readonly number[];
  readonly pad: Pad;
  readonly dilations?: number | readonly number[] | null;
  readonly dimRoundingMode?: Rounding;
}

/**
 * The window of a convolution or pooling in TensorFlow's terms.
 *
 * Any padding other than `same` becomes one of exact sizes, so that TensorFlow, which rounds down,
 * gets to the output size that the rounding mode asks for.
 *
 * @param input sizes of the input between batch and channels
 * @param size sizes of the window
 * @param outputs sizes of the output, where it is known: some gradients are not told the rounding
 * @throws RangeError if a window over an image is so large that the output would have a negative size
 */
export function slidingWindow(
  input: readonly number[],
  size: number | readonly number[],
  { strides, pad, dilations, dimRoundingMode }: WindowAttributes,
  outputs: readonly number[] = [],
): Window {
  const sizes = perAxis(size, input.length);
  const steps = perAxis(strides, input.length);
  const rates = perAxis(dilations ?? 1, input.length);
  const pads: [number, number][] = [];
  const padded: number[] = [];
  const output: number[] = [];
  for (const [axis, length] of input.entries()) {
    const step = steps[axis]!;
    const extent = (sizes[axis]! - 1) * rates[axis]! + 1;
    if (pad === "same") {
      pads.push([0, 0]);
      padded.push(length);
      output.push(length < 0 ? -1 : Math.ceil(length / step));
      continue;
    }
    const [before, after] = padOf(pad, axis);
    if (length < 0) { // unknown, in the function of a data set
      pads.push([before, after]);
      padded.push(-1);
      output.push(-1);
      continue;
    }
    const count = (length + before + after - extent) / step + 1;
    const isRoundedUp = pad !== "valid" && outputs[axis] === Math.ceil(count);
    let positions = round(count, isRoundedUp ? "ceil" : dimRoundingMode, pad === "valid");
    // Over volumes TensorFlow.js gives nothing, over images it has no result.
    if (input.length > 2) positions = Math.max(0, positions);
    if (positions < 0) {
      throw new RangeError(
        `Cannot move a window of ${extent} by steps of ${step} over ${before + length + after} ` +
          `pixels: there would be ${positions} positions. Make the window smaller, or pad`,
      );
    }
    const needed = positions === 0 ? 0 : (positions - 1) * step + extent - length - before;
    pads.push([before, Math.max(0, needed)]);
    padded.push(length + before + Math.max(0, needed));
    output.push(positions);
  }
  const isPadded = pads.some(([before, after]) => before > 0 || after > 0);
  return {
    sizes: [1, ...sizes, 1],
    strides: [1, ...steps, 1],
    dilations: [1, ...rates, 1],
    padding: pad === "same" ? "SAME" : isPadded ? "EXPLICIT" : "VALID",
    pads: [[0, 0], ...pads, [0, 0]],
    padded,
    output,
  };
}

/**
 * The padding, in numbers where TensorFlow's own kernels, not oneDNN's, are wrong for `same`: over three
 * axes they pad by a negative number if a window is smaller than its step; their gradients of means
 * count what lies outside if it is larger than the input.
 */
export function soundPad(
  input: readonly number[],
  size: number | readonly number[],
  { strides, pad, dilations }: WindowAttributes,
): Pad {
  if (pad !== "same" || input.some((length) => length < 1)) return pad;
  const steps = perAxis(strides, input.length);
  const rates = perAxis(dilations ?? 1, input.length);
  const extents = perAxis(size, input.length).map((size, axis) => (size - 1) * rates[axis]! + 1);
  if (extents.every((extent, axis) => extent >= steps[axis]! && extent <= input[axis]!)) return pad;
  const pads = input.map((length, axis): [number, number] => {
    const last = (Math.ceil(length / steps[axis]!) - 1) * steps[axis]!;
    const total = Math.max(0, last + extents[axis]! - length);
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  });
  return [[0, 0], ...pads, [0, 0]];
}

function perAxis(value: number | readonly number[], axes: number): readonly number[] {
  return typeof value === "number" ? new Array<number>(axes).fill(value) : value;
}

function padOf(pad: Exclude<Pad, "same">, axis: number): readonly [number, number] {
  if (pad === "valid") return [0, 0];
  return typeof pad === "number" ? [pad, pad] : pad[axis + 1]!;
}

function round(size: number, mode: Rounding | undefined, isValid: boolean): number {
  if (mode === undefined) return isValid ? Math.floor(size) : Math.trunc(size) + 0;
  return Math[mode](size);
}

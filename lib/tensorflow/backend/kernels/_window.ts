/**
 * The largest padding, and the largest extent of a window that is larger than the input: from 2²⁸ on
 * oneDNN ends the process, and from 2³⁰ on TensorFlow's own kernels give wrong values.
 */
const MOST_PIXELS = 2 ** 20;

/** A stride from which on oneDNN takes minutes or ends the process. */
const LONG_STRIDE = 1024;

/** Whether a window moves too far at once for oneDNN. */
export function isLongStride({ strides }: Window): boolean {
  return strides.some((stride) => stride >= LONG_STRIDE);
}

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
 * Any padding other than `same` becomes exact sizes, so that TensorFlow, which rounds down, arrives at
 * the output size that the rounding mode asks for.
 *
 * @param input sizes of the input between batch and channels
 * @param size sizes of the window
 * @param outputs sizes of the output, where it is known: some gradients are not told the rounding
 * @throws RangeError if a window over an image is so large that the output would have a negative size,
 *   if the stride is below 1 or no integer, if padding is below 0 or no integer, and if padding or
 *   window exceed 2²⁰ pixels
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
  requireCounts("of", sizes, 0);
  requireCounts("by steps of", steps, 1);
  requireCounts("with a dilation of", rates, 1);
  const axes = input.map((length, axis) => {
    const extent = (sizes[axis]! - 1) * rates[axis]! + 1;
    if (extent > length) requirePixels("move a window over", extent);
    const one = { length, extent, step: steps[axis]!, isVolume: input.length > 2 };
    if (pad === "same") return samePositions(one);
    const pads = padOf(pad, axis);
    pads.forEach((pixels) => requirePixels("pad by", pixels));
    return positions(one, pads, pad === "valid", dimRoundingMode, outputs[axis]);
  });
  const pads = axes.map(({ pads }) => pads);
  const isPadded = pads.some(([before, after]) => before > 0 || after > 0);
  const padded = axes.map(({ padded }) => padded);
  return {
    sizes: [1, ...sizes, 1],
    strides: [1, ...shortened(steps, padded), 1],
    dilations: [1, ...rates, 1],
    padding: pad === "same" ? "SAME" : isPadded ? "EXPLICIT" : "VALID",
    pads: [[0, 0], ...pads, [0, 0]],
    padded,
    output: axes.map(({ output }) => output),
  };
}

/**
 * Strides cut to the longest axis, where the window has one position anyway: much longer ones end the
 * process in some kernels. Equal strides stay equal, as depthwise convolutions need them.
 */
function shortened(steps: readonly number[], padded: readonly number[]): readonly number[] {
  if (padded.includes(-1)) {
    steps.forEach((step) => requirePixels("move a window by steps of", step));
    return steps;
  }
  const longest = Math.max(1, ...padded);
  return steps.map((step) => Math.min(step, longest));
}

/** A window along one axis. */
interface Axis {
  /** Of the input; -1 if unknown, in the function of a data set. */
  readonly length: number;
  /** Of the window, with its dilation. */
  readonly extent: number;
  readonly step: number;
  readonly isVolume: boolean;
}

/** Padding along one axis, and the sizes of the padded input and of the output. */
interface Positions {
  readonly pads: readonly [number, number];
  readonly padded: number;
  readonly output: number;
}

function samePositions({ length, step }: Axis): Positions {
  return { pads: [0, 0], padded: length, output: length < 0 ? -1 : Math.ceil(length / step) };
}

/** @param wanted the output's size, where it is known */
function positions(
  { length, extent, step, isVolume }: Axis,
  pads: readonly [number, number],
  isValid: boolean,
  rounding: Rounding | undefined,
  wanted: number | undefined,
): Positions {
  if (length < 0) return { pads, padded: -1, output: -1 };
  const [before, after] = pads;
  const count = (length + before + after - extent) / step + 1;
  const isRoundedUp = !isValid && wanted === Math.ceil(count);
  let output = round(count, isRoundedUp ? "ceil" : rounding, isValid);
  // Over volumes TensorFlow.js gives nothing, over images it has no result.
  if (isVolume) output = Math.max(0, output);
  if (output < 0) {
    throw new RangeError(
      `Cannot move a window of ${extent} by steps of ${step} over ${before + length + after} ` +
        `pixels: there would be ${output} positions. Make the window smaller, or pad`,
    );
  }
  const covered = output === 0 ? 0 : (output - 1) * step + extent;
  const needed = Math.max(0, covered - length - before);
  requirePixels("pad by", needed);
  return { pads: [before, needed], padded: length + before + needed, output };
}

/**
 * The padding, as numbers where TensorFlow's own kernels, unlike oneDNN's, are wrong for `same`: over
 * three axes they pad by a negative number if the window is smaller than its stride, and their
 * gradients of means count what lies outside if the window is larger than the input.
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

function requirePixels(action: string, pixels: number): void {
  if (pixels < 0 && action === "pad by") {
    throw new RangeError(`Cannot pad by ${pixels}: take a slice of the input instead`);
  }
  if (!Number.isInteger(pixels)) {
    throw new RangeError(`Cannot ${action} ${pixels} pixels: it must be an integer`);
  }
  if (pixels <= MOST_PIXELS) return;
  throw new RangeError(`Cannot ${action} ${pixels} pixels: at most ${MOST_PIXELS} are possible`);
}

function requireCounts(what: string, values: readonly number[], least: number): void {
  const wrong = values.find((value) => !(Number.isInteger(value) && value >= least));
  if (wrong === undefined) return;
  throw new RangeError(`Cannot move a window ${what} ${wrong}: it must be an integer >= ${least}`);
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

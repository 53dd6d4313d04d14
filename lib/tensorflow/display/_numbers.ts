/**
 * How NumPy writes the elements of an array: all in one width, as many digits as are needed, at most
 * eight behind the point (`arrayprint` in NumPy, its default print options).
 *
 * @module
 */

/** Most digits behind the point. */
const PRECISION = 8;
/** Numbers from here on, or below, or of a larger ratio than {@linkcode MAX_RATIO}, have exponents. */
const MAX_FIXED = 1e8, MIN_FIXED = 1e-4, MAX_RATIO = 1000;

/** Writes an element. */
export type Format<T> = (value: T) => string;

/** For float32 values, from those that are shown. */
export function floatFormat(shown: readonly number[]): Format<number> {
  const finite = shown.filter(Number.isFinite);
  const sizes = finite.map(Math.abs).filter((size) => size > 0);
  const largest = Math.max(...sizes), smallest = Math.min(...sizes);
  const isWide = sizes.length > 0 &&
    (largest >= MAX_FIXED || smallest < MIN_FIXED || largest / smallest > MAX_RATIO);
  const parts = finite.map((value) => isWide ? scientific(value) : positional(value));
  const decimals = Math.max(0, ...parts.map(({ fraction }) => fraction.length));
  const left = Math.max(0, ...parts.map(({ whole }) => whole.length));
  const exponent = isWide ? Math.max(0, ...parts.map(({ exponent }) => exponent.length)) : 0;
  const right = decimals + (isWide ? exponent + 1 : 0);
  const width = Math.max(
    left + 1 + right,
    ...shown.filter((value) => !Number.isFinite(value)).map((value) => special(value).length),
  );
  return (value) => {
    if (!Number.isFinite(value)) return special(value).padStart(width);
    const { whole, fraction, exponent } = isWide ? scientific(value, decimals) : positional(value);
    const text = isWide
      ? `${whole}.${fraction}e${exponent}`
      : `${whole}.${fraction.padEnd(decimals)}`;
    return text.padStart(width);
  };
}

/** For whole numbers. */
export function integerFormat(shown: readonly number[]): Format<number> {
  const width = Math.max(0, ...shown.map((value) => String(value).length));
  return (value) => String(value).padStart(width);
}

/** For truth values, stored as 0 and 1. */
export function booleanFormat(isScalar: boolean): Format<number> {
  return (value) => value ? (isScalar ? "true" : " true") : "false";
}

function special(value: number): string {
  return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

interface Parts {
  /** With the sign. */
  readonly whole: string;
  readonly fraction: string;
  /** With its sign, at least two digits. */
  readonly exponent: string;
}

function positional(value: number): Parts {
  const digits = shortest(value);
  const exact = Math.abs(digits) >= 1e21 ? BigInt(digits).toString() : digits.toFixed(PRECISION);
  const [whole = "", fraction = ""] = exact.split(".");
  const sign = Object.is(value, -0) ? "-" : "";
  return { whole: sign + whole, fraction: fraction.replace(/0+$/, ""), exponent: "" };
}

/** @param decimals digits behind the point; default as many as are needed */
function scientific(value: number, decimals = 0): Parts {
  const digits = shortest(value);
  const text = digits.toExponential();
  const needed = /\.(\d+)e/.exec(text)?.[1]?.length ?? 0;
  // Where more are written than are needed, they are the number's own.
  const padded = needed > PRECISION
    ? digits.toExponential(PRECISION)
    : needed < decimals
    ? value.toExponential(decimals)
    : text;
  const [mantissa = "", exponent = ""] = padded.split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const sign = Object.is(value, -0) ? "-" : "";
  const [, plus = "", size = ""] = /^([+-])(\d+)$/.exec(exponent)!;
  return { whole: sign + whole, fraction, exponent: plus + size.padStart(2, "0") };
}

/** The double with the fewest digits that is this float32. */
function shortest(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === Math.fround(value)) return rounded;
  }
  return Number(value.toPrecision(9));
}

/** Nested brackets, wrapped and summarised as NumPy does. @module */

/** Characters in a line. */
const LINE = 75;
/** Of a summarised axis, so many elements at each end. */
export const EDGE = 3;
/** More elements than this are summarised. */
export const THRESHOLD = 1000;

const SEPARATOR = ", ";
const DOTS = "...";

/** What is laid out: an element's text by its index in row-major order. */
export interface Grid {
  /** Of all values, also of those that are left out. */
  readonly shape: readonly number[];
  /** Whether the middle of long axes is left out. */
  readonly isSummary: boolean;
  /** @param index along each axis, from 0 in front, from -1 behind */
  element(index: readonly number[]): string;
}

/** Text of an array as `numpy.array2string(array, separator=", ")` gives it. */
export function layOut(grid: Grid): string {
  if (grid.shape.includes(0)) return "[]";
  return nested(grid, [], " ", LINE);
}

function nested(grid: Grid, index: readonly number[], indent: string, width: number): string {
  const { shape, isSummary } = grid;
  const left = shape.length - index.length;
  if (left === 0) return grid.element(index);
  const size = shape[index.length]!;
  const cut = isSummary && 2 * EDGE < size;
  const front = Array.from({ length: cut ? EDGE : size }, (_, at) => at);
  const back = cut ? Array.from({ length: EDGE }, (_, at) => at - EDGE) : [];
  const inner = (at: number) => nested(grid, [...index, at], indent + " ", width - 1);
  const words = [...front.map(inner), ...cut ? [DOTS] : [], ...back.map(inner)];
  const body = left === 1
    ? wrapped(words, indent, width)
    : words.map((word) => indent + word).join(SEPARATOR.trimEnd() + "\n".repeat(left - 1));
  return `[${body.slice(indent.length)}]`;
}

function wrapped(words: readonly string[], indent: string, width: number): string {
  const room = width - 1;
  let text = "";
  let line = indent;
  words.forEach((word, at) => {
    if (line.length + word.length > room && line.length > indent.length) {
      text += line.trimEnd() + "\n";
      line = indent;
    }
    line += word + (at < words.length - 1 ? SEPARATOR : "");
  });
  return text + line;
}

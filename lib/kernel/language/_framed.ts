/** Of a cell that is to be evaluated. */
export interface CellPlace {
  /** The number by which the evaluator knows it. */
  readonly cell?: number;
  /** The number shown beside it, which stack traces name; none beside a silent one. */
  readonly count?: number | undefined;
}

/**
 * What is evaluated of a cell, once its code is rewritten; the kernel's own is a line in front. Stack
 * traces find the cell by its text, a function in it, and the address of the script.
 *
 * @param code as it was written
 */
export function framed(body: string, code: string, { cell = 0, count }: CellPlace): string {
  return `__kernel.begin(${cell},${count},${JSON.stringify(code)},()=>0);${body}\n` +
    `//# sourceURL=kernel-cell-${cell}`;
}

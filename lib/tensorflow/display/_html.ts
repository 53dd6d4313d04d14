import { EDGE, type Grid } from "./_layout.ts";

/** A matrix, or a vector as one row, as a table; of a summary the ends, with dots between them. */
export function tableOf({ shape, isSummary, element }: Grid): string {
  const [rows, columns] = shape.length === 1 ? [1, shape[0]!] : [shape[0]!, shape[1]!];
  const at = (row: number, column: number) =>
    element(shape.length === 1 ? [column] : [row, column]).trim();
  const line = (row: number | undefined) =>
    places(columns, isSummary).map((column) =>
      `<td>${row === undefined || column === undefined ? "…" : escaped(at(row, column))}</td>`
    ).join("");
  const lines = places(rows, isSummary).map((row) => `<tr>${line(row)}</tr>`).join("");
  return `<table><tbody>${lines}</tbody></table>`;
}

/** The places along an axis, from 0 in front and from -1 behind; undefined for what is left out. */
function places(size: number, isSummary: boolean): (number | undefined)[] {
  if (!isSummary || size <= 2 * EDGE) return Array.from({ length: size }, (_, at) => at);
  const ends = Array.from({ length: EDGE }, (_, at) => at);
  return [...ends, undefined, ...ends.map((at) => at - EDGE)];
}

export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

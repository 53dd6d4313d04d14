/**
 * Rows of cells as lines with columns of equal width, two spaces apart.
 *
 * @param rows a row of one cell is a line of text that widens no column, beside longer rows
 * @param isRight whether a column is aligned to the right
 */
export function alignColumns(
  rows: readonly (readonly string[])[],
  isRight: (column: number) => boolean,
): string[] {
  const long = rows.filter(({ length }) => length > 1);
  const widths: number[] = [];
  for (const row of long.length > 0 ? long : rows) {
    row.forEach((cell, column) => widths[column] = Math.max(widths[column] ?? 0, cell.length));
  }
  return rows.map((row) =>
    row.map((cell, column) =>
      isRight(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)
    ).join("  ").trimEnd()
  );
}

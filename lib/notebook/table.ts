import { type HtmlTable, tableMarkup } from "../plots/mod.ts";
import { alignColumns } from "../terminal/mod.ts";
import { type Displayable, displayable } from "./_display.ts";

/**
 * A table that shows itself: HTML where it can be drawn, Markdown and aligned text elsewhere.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { table } from "sam/notebook";
 *
 * const shown = table({ caption: "Errors", columns: ["ρ", "error"], rows: [[0, 5.2], [0.05, 4.1]] });
 * assertEquals(`${shown}`, "   ρ  error\n   0    5.2\n0.05    4.1\nErrors");
 * ```
 *
 * @throws RangeError for a row with more or fewer cells than there are columns
 */
export function table(content: HtmlTable): Displayable {
  const html = tableMarkup(content);
  const text = plainTable(content);
  return displayable(
    () => ({ "text/html": html, "text/markdown": markdownTable(content), "text/plain": text }),
    text,
  );
}

function markdownTable({ caption, columns, rows }: HtmlTable): string {
  const line = (cells: readonly (string | number)[]) =>
    `| ${cells.map((cell) => String(cell).replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = `| ${columns.map(() => "---").join(" | ")} |`;
  return [line(columns), rule, ...rows.map(line), "", caption].join("\n");
}

/** Columns of equal width; numbers to the right. */
export function plainTable({ caption, columns, rows }: HtmlTable): string {
  const cells = [columns, ...rows].map((row) => row.map(String));
  const isNumber = columns.map((_, i) => rows.every((row) => typeof row[i] === "number"));
  const lines = alignColumns(cells, (column) => isNumber[column]!);
  return [...lines, caption].join("\n");
}

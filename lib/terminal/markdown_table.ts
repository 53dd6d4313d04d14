/** A table in Markdown as `deno fmt` lays it out; the first row is its head. */
export function markdownTable(cells: readonly (readonly string[])[]): string {
  const [head, ...body] = cells as [readonly string[], ...string[][]];
  const widths = head.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}

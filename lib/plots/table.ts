import { escapeMarkup } from "./escape.ts";

/** A table. Columns of numbers are aligned to the right; the first cell of a row is its heading. */
export interface HtmlTable {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/**
 * A table as HTML, in a region that scrolls by itself where the page is narrow.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { tableMarkup } from "sam/plots";
 *
 * const markup = tableMarkup({ caption: "Radius", columns: ["ρ", "error"], rows: [[0.05, "5.1 %"]] });
 * assertStringIncludes(markup, '<td class="number">5.1\u00a0%</td>'); // a number and its unit stay together
 * ```
 */
export function tableMarkup({ caption, columns, rows }: HtmlTable): string {
  const bad = rows.find((row) => row.length !== columns.length);
  if (bad) {
    throw new RangeError(
      `Cannot lay out a row of ${bad.length} cells in ${columns.length} columns of "${caption}": ` +
        "give every row one cell for each column",
    );
  }
  const numeric = columns.map((_, i) => isNumericColumn(rows.map((row) => row[i])));
  const head = columns.map((column, i) =>
    `<th scope="col"${numeric[i] ? ' class="number"' : ""}>${escapeMarkup(column)}</th>`
  );
  const body = rows.map((row) =>
    `<tr>${
      row.map((cell, i) => {
        const text = escapeMarkup(unbroken(String(cell).replace(/^-(?=\d)/, "−")));
        const look = numeric[i] ? ' class="number"' : "";
        return i === 0 ? `<th scope="row"${look}>${text}</th>` : `<td${look}>${text}</td>`;
      }).join("")
    }</tr>`
  );
  return `<div class="table" role="region" tabindex="0" aria-label="${escapeMarkup(caption)}">` +
    `<table><caption>${escapeMarkup(caption)}</caption>` +
    `<thead><tr>${head.join("")}</tr></thead>\n<tbody>\n${body.join("\n")}\n</tbody></table></div>`;
}

/** Numbers with their signs and units, which no line divides: "32.4 ± 0.8", "(ρ = 0.2)", "40 %". */
function unbroken(text: string): string {
  return text.replaceAll(/ ([±=]) | (?=%)/g, (space) => space.replaceAll(" ", "\u00a0"));
}

/** Whether a column has numbers alone, and dashes where there are none. */
function isNumericColumn(cells: readonly (string | number | undefined)[]): boolean {
  const told = cells.filter((cell) => cell !== "–");
  return told.length > 0 && told.every(isNumeric);
}

/**
 * Numbers, and texts made of them: "5.11 ± 0.81", "−3 %", "[−0.2, 0.9]", "< 0.001"; not "40 % label
 * noise".
 */
function isNumeric(cell: string | number | undefined): boolean {
  return typeof cell === "number" || /^(\[|< )?[−-]?\d\P{Letter}*$/u.test(cell ?? "");
}

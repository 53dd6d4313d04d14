import type { Cell } from "./notebook.ts";

/**
 * nbconvert's markup of cells with the code of those folded, behind a word that opens it, whose source
 * JupyterLab hides too: the first screen of a page is for what it says.
 *
 * @param body what nbconvert's template "basic" makes of the cells
 */
export function withFoldedCode(body: string, cells: readonly Cell[]): string {
  return cells.filter(isHidden).reduce((markup, { id }) => {
    const start = `id="cell-id=${id}">\n`;
    const input = new RegExp(
      `(${RegExp.escape(start)})<div class="input">([^]*?</pre></div>\n</div>\n</div>\n)</div>`,
    );
    return markup.replace(
      input,
      (_, before: string, code: string) =>
        `${before}<details class="input"><summary>Code</summary>${code}</details>`,
    );
  }, body);
}

function isHidden({ metadata }: Cell): boolean {
  const { jupyter } = metadata as { readonly jupyter?: { readonly source_hidden?: boolean } };
  return jupyter?.source_hidden === true;
}

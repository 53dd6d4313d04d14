// Text modules, read without a permission: see ../plots/_page_assets.ts.
import autoRender from "katex/dist/contrib/auto-render.min.js" with { type: "text" };
import katex from "katex/dist/katex.min.js" with { type: "text" };
import mathematics from "./_mathematics.js" with { type: "text" };
import style from "./_report.css" with { type: "text" };

/** What a report page carries besides what all pages do. */
export const reportAssets = {
  style,
  /** Draws the formulas as MathML; to be run in this order. */
  mathematics: [katex, autoRender, mathematics],
} as const;

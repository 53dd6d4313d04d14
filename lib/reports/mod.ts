/**
 * Notebooks as reports: executed with parameters, exported as pages that need nothing else.
 *
 * @module
 */
export { executeNotebook, type ExecuteOptions, type FailedCell } from "./execute.ts";
export { gallery, type GalleryEntry } from "./gallery.ts";
export { type HtmlOptions, notebookHtml } from "./html.ts";
export {
  type Cell,
  type CellOutput,
  joined,
  type Lines,
  type Notebook,
  readNotebook,
  titleOf,
  writeNotebook,
} from "./notebook.ts";
export { reportNames } from "./names.ts";
export { type Parameters, parseParameter, withParameters } from "./parameters.ts";
export { findChromium, printPdf } from "./pdf.ts";

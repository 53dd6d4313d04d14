// Text modules of npm packages: read without a permission or a `node_modules` folder, from Deno's
// cache once they have been fetched. Static imports, at a cost of 20 ms: dynamic ones, several at a
// time, sometimes miss their package in Deno 2.9.6 ("Could not find constraint").
import licence from "vega-lite/LICENSE" with { type: "text" };
import vega from "vega/build/vega.min.js" with { type: "text" };
import vegaEmbed from "vega-embed/build/vega-embed.min.js" with { type: "text" };
import vegaLite from "vega-lite/build/vega-lite.min.js" with { type: "text" };
import style from "./_page.css" with { type: "text" };
import script from "./_page.js" with { type: "text" };

/** What every report page with charts carries. */
export const pageAssets = {
  style,
  script,
  /** Browser builds, to be run in this order. */
  libraries: [vega, vegaLite, vegaEmbed],
  /** The libraries' licence, which has to go with them. */
  licence: `Vega, Vega-Lite and Vega-Embed\n\n${licence.replaceAll("--", "- -")}`,
} as const;

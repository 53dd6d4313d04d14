/**
 * Makes the documentation site, without network, from the project's Markdown, the docstrings of its
 * public modules and the reports in `reports/`, if there are any:
 *
 *     deno task docs               into site/; open site/index.html
 *     deno task docs --no-api      without the docstrings
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeSite } from "./_write.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const { values: { output, api } } = parseArgs({
  options: {
    output: { type: "string", default: join(ROOT, "site") },
    api: { type: "boolean", default: true },
  },
  allowNegative: true,
});
const pages = await writeSite(ROOT, output, { api });
// deno-lint-ignore no-console -- it is a command
console.log(`Wrote ${pages} pages; open ${join(output, "index.html")}`);

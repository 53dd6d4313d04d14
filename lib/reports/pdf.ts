import { pathToFileURL } from "node:url";

const PROGRAMS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const APPLICATIONS = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/**
 * The path of Chromium or Chrome: what `CHROMIUM` names, or the first on the path, or where its
 * installer puts it; undefined if there is none.
 */
export function findChromium(): string | undefined {
  const named = Deno.env.get("CHROMIUM");
  if (named) return named;
  const separator = Deno.build.os === "windows" ? ";" : ":";
  const folders = (Deno.env.get("PATH") ?? "").split(separator).filter(Boolean);
  const onPath = folders.flatMap((folder) => PROGRAMS.map((program) => `${folder}/${program}`));
  return [...onPath, ...APPLICATIONS].find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

/**
 * Prints a page of {@linkcode notebookHtml} as A4 with page numbers; charts and formulas stay
 * vectors.
 *
 * @throws Error if there is no Chromium, or it fails, with what to do
 */
export async function printPdf(html: string, pdf: string): Promise<void> {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    throw new Error(
      "Cannot make a PDF: there is no Chromium or Chrome on the path; install one, name it with " +
        "the environment variable CHROMIUM, or leave out --format pdf",
    );
  }
  // Imported late, because it looks at system files for which Deno demands all permissions.
  const { chromium } = await import("playwright-core");
  // Chromium's sandbox does not work for root, the usual user in a container; the page is our own
  // and its policy loads nothing.
  const browser = await chromium.launch({ executablePath, chromiumSandbox: Deno.uid() !== 0 })
    .catch((cause) => {
      throw new Error(`Cannot start ${executablePath}: ${cause.message}`, { cause });
    });
  try {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(html).href, { waitUntil: "load" });
    await page.pdf({
      path: pdf,
      format: "A4",
      printBackground: true,
      displayHeaderFooter: true,
      tagged: true,
      outline: true,
      margin: { top: "16mm", bottom: "18mm", left: "14mm", right: "14mm" },
      headerTemplate: "<span></span>",
      footerTemplate:
        '<div style="width:100%;padding:0 14mm;display:flex;justify-content:space-between;' +
        'font:8px Arial,sans-serif;color:#57606a"><span class="title"></span>' +
        '<span><span class="pageNumber"></span> / <span class="totalPages"></span></span></div>',
    });
  } finally {
    await browser.close();
  }
}

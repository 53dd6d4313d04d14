/** `samOptimizer` in Chromium: bundled, and a LayersModel trained on TensorFlow.js's backends. @module */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findChromium } from "../../lib/reports/mod.ts";
import { testUnless } from "../_skip.ts";
import type { Trained } from "./_browser_page.ts";

const executablePath = findChromium();
const missing = executablePath === undefined ? "there is no Chromium" : undefined;
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

testUnless(
  missing,
  "samOptimizer: trains a LayersModel in a browser, on cpu and WebAssembly",
  async () => {
    const folder = await Deno.makeTempDir();
    const bundle = join(folder, "page.js");
    const page = "tests/optim/_browser_page.ts";
    const bundled = await new Deno.Command(Deno.execPath(), {
      args: ["bundle", "--quiet", "--no-check", "--platform=browser", "--output", bundle, page],
      cwd: ROOT,
    }).output();
    assert(bundled.success, new TextDecoder().decode(bundled.stderr));
    const wasm = new URL(
      ".",
      import.meta.resolve("npm:/@tensorflow/tfjs-backend-wasm@4.22.0/package.json"),
    );
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      async (request) => {
        const { pathname } = new URL(request.url);
        if (pathname === "/page.js") return file(bundle, "text/javascript");
        if (pathname.endsWith(".wasm")) {
          return file(fileURLToPath(new URL(`dist${pathname}`, wasm)), "application/wasm");
        }
        return await new Response("<script type=module src=/page.js></script>", {
          headers: { "content-type": "text/html" },
        });
      },
    );
    const { chromium } = await import("playwright-core");
    const browser = await chromium.launch({
      executablePath: executablePath!,
      chromiumSandbox: Deno.uid() !== 0,
    });
    try {
      const tab = await browser.newPage();
      await tab.goto(`http://127.0.0.1:${server.addr.port}/`);
      const results: Trained[] = [];
      for (const backend of ["cpu", "wasm"]) {
        const trained = await tab.evaluate(`trainOn(${JSON.stringify(backend)})`) as Trained;
        assertEquals([trained.backend, trained.leaked], [backend, 0]);
        const [first = 0, last = Infinity] = [trained.losses.at(0), trained.losses.at(-1)];
        assert(last < 0.7 * first, `${backend}: ${trained.losses}`);
        results.push(trained);
      }
      const [cpu, webAssembly] = results as [Trained, Trained];
      cpu.weights.forEach((weight, at) =>
        assert(
          Math.abs(weight - webAssembly.weights[at]!) < 1e-3,
          `${weight} ${webAssembly.weights[at]}`,
        )
      );
    } finally {
      await browser.close();
      await server.shutdown();
      await Deno.remove(folder, { recursive: true });
    }
  },
);

async function file(path: string, type: string): Promise<Response> {
  return new Response(await Deno.readFile(path), { headers: { "content-type": type } });
}

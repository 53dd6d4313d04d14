import { assert, assertEquals } from "@std/assert";
import { downloadProgress } from "../../lib/terminal/mod.ts";
import { recorder, screen } from "./_recorder.ts";

Deno.test("downloadProgress: a line that changes, or one for each file", () => {
  const show = (isTerminal: boolean) => {
    const output = recorder(isTerminal);
    const progress = downloadProgress(output);
    for (const name of ["a.gz", "b.gz"]) {
      for (let received = 0; received <= 26_000_000; received += 1_000_000) {
        progress({ path: `/data/${name}`, received, total: 26_000_000 });
      }
    }
    return output.written;
  };
  const lines = ["a", "b"].map((name) => `Downloading ${name}.gz: 26.0 of 26.0 MB`);
  assertEquals(show(false).join(""), `${lines.join("\n")}\n`);
  assertEquals(screen(show(true)), [...lines, ""]);
  assert(show(true).length < 10, "not at every chunk");
});

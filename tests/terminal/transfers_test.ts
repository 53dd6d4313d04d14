import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { transferProgress } from "../../lib/terminal/mod.ts";
import { recorder } from "./_recorder.ts";

Deno.test("transfers: where there is no terminal, lines for the quarters of a long one", () => {
  const output = recorder(false);
  const progress = transferProgress(output);
  progress.message("Waiting");
  const long = progress.begin("Downloading a", 200e6);
  for (let done = 0; done <= 120e6; done += 10e6) long.update(done);
  long.end(true);
  const short = progress.begin("Unpacking b", 20e6);
  short.update(10e6);
  short.end(true);
  progress.begin("Downloading c", 900).end(false);
  assertEquals(output.written.join("").split("\n"), [
    "Waiting",
    "Downloading a (200 MB)",
    "  25 % (50 MB)",
    "  50 % (100 MB)",
    "  100 % (200 MB)",
    "Unpacking b (20 MB)",
    "Downloading c (1 kB)",
    "",
  ]);
});

/** What a terminal of this width shows of a transfer that ends after 150 of 200 MB. */
function drawn(complete: boolean, columns = 100): string {
  const output = recorder(true, columns);
  const transfer = transferProgress(output).begin("Downloading a", 200e6);
  transfer.update(150e6);
  transfer.end(complete);
  const text = output.written.join("");
  assert(text.endsWith("\n"), "the bar is not left above the next line");
  // deno-lint-ignore no-control-regex -- they are what is tested
  return text.split(/\x1b(?:[78]|\[\d*[GKm])/).filter(Boolean).slice(-2).join("");
}

Deno.test("transfers: on a terminal a bar that stays, full only if all is there", () => {
  const line = (bar: string, share: number, megabytes: number) =>
    `Downloading a [${bar}] ${share} %  ${megabytes} MB of 200 MB`;
  assertStringIncludes(drawn(true), line("=".repeat(16), 100, 200));
  assertStringIncludes(drawn(false), line("=".repeat(12) + "-".repeat(4), 75, 150));
});

Deno.test("transfers: in a narrow terminal the bytes are left out", () => {
  assert(!drawn(true, 50).includes("MB"));
});

import { assertEquals, assertThrows } from "@std/assert";
import { printer, streamOutput, tolerant } from "../../lib/terminal/mod.ts";
import { recorder } from "./_recorder.ts";

/** A stream that takes seven bytes at a time, or fails. */
function streamOf(fail?: Error) {
  const taken: number[] = [];
  const stream = {
    isTerminal: () => false,
    writeSync(bytes: Uint8Array) {
      if (fail) throw fail;
      taken.push(...bytes.subarray(0, 7));
      return Math.min(7, bytes.length);
    },
  } as unknown as typeof Deno.stdout;
  return { stream, text: () => new TextDecoder().decode(Uint8Array.from(taken)) };
}

Deno.test("output: a long text is written whole, and has a width without a terminal", () => {
  const { stream, text } = streamOf();
  const output = streamOutput(stream);
  output.write("a text of more than seven bytes, ρ");
  assertEquals(text(), "a text of more than seven bytes, ρ");
  assertEquals([output.isTerminal, output.columns], [false, 80]);
});

Deno.test("output: a reader that went away is no failure, a full disk is", () => {
  streamOutput(streamOf(new Deno.errors.BrokenPipe()).stream).write("x");
  const full = streamOutput(streamOf(new Error("No space left on device")).stream);
  assertThrows(() => full.write("x"), Error, "No space");
  tolerant(full).write("x");
});

Deno.test("printer: lines, an empty one without an argument", () => {
  const output = recorder(false);
  const print = printer(output);
  print("a");
  print();
  assertEquals(output.written, ["a\n", "\n"]);
});

/** A Deno that the kernel was not tested with is refused with a sentence. */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { requireTestedDeno, TESTED_DENO } from "../../lib/kernel/evaluator/mod.ts";
import { installKernel } from "../../lib/kernel/mod.ts";
import { TestKernel } from "./_kernel.ts";

Deno.test("only tested versions of Deno may run the kernel, or any if one says so", () => {
  requireTestedDeno("run cells");
  for (const version of TESTED_DENO) requireTestedDeno("run cells", version);
  const said = assertThrows(() => requireTestedDeno("run cells", "2.10.0"), Error).message;
  assertEquals(
    said,
    `Cannot run cells with Deno 2.10.0: it was tested with ${TESTED_DENO.join(" and ")}; use ` +
      `\`deno upgrade ${TESTED_DENO.at(-1)}\`, or set DENO_KERNEL_ANY_DENO=1 to try all the same`,
  );
  Deno.env.set("DENO_KERNEL_ANY_DENO", "1");
  try {
    requireTestedDeno("run cells", "2.10.0");
  } finally {
    Deno.env.delete("DENO_KERNEL_ANY_DENO");
  }
});

/** A module that makes Deno seem to be another version, which runs before any other. */
const OTHER =
  'Object.defineProperty(Deno, "version", { value: { ...Deno.version, deno: "3.0.0" } });';

Deno.test("a kernel started with another Deno says so in each cell, without a stack", async () => {
  const folder = await Deno.makeTempDir();
  const preload = `${folder}/other.js`;
  await Deno.writeTextFile(preload, OTHER);
  {
    const { kernelSpec } = await import("../../lib/kernel/mod.ts");
    const [deno = "", run = "", ...rest] = kernelSpec().argv;
    await using kernel = await TestKernel.start({
      argv: [deno, run, "--preload", preload, ...rest],
    });
    const { status, outputs, reply } = await kernel.run("1 + 1");
    assertEquals(status, "error");
    assertStringIncludes(
      outputs.join("\n"),
      "Cannot run cells with Deno 3.0.0: it was tested with",
    );
    assertEquals((reply.traceback as string[]).length, 1);
  }
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-q",
      "-A",
      "--preload",
      preload,
      "cli.ts",
      "kernel",
      "install",
      "--prefix",
      folder,
    ],
    env: { NO_COLOR: "1" },
  }).output();
  const said = new TextDecoder().decode(stderr);
  assertEquals(success, false);
  assertStringIncludes(said, "Cannot install the kernel with Deno 3.0.0");
  assertEquals(said.includes("    at "), false, said);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("the Deno at hand is among the tested ones", async () => {
  const prefix = await Deno.makeTempDir();
  await installKernel({ prefix });
  await Deno.remove(prefix, { recursive: true });
});

/** What begins, ends and is taken away at the wrong moment. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { testUnless } from "../_skip.ts";
import { pause, until } from "../_wait.ts";
import { TestKernel } from "./_kernel.ts";
import { familyOf, isRunning, languageServersOf, missingProc } from "./_processes.ts";

Deno.test("an interrupt while the first evaluator starts ends the cell, and the next one runs", async () => {
  await using kernel = await TestKernel.start();
  for (const after of [0, 90]) {
    const { outputs } = await kernel.runInterrupted("while (true) {}", { after });
    assertEquals(outputs, ["error:KeyboardInterrupt: interrupted"]);
  }
  assertEquals((await kernel.run("6 * 7")).outputs, ["result:42"]);
});

testUnless(
  missingProc,
  "the temporary folder may be removed under a living kernel, big outputs come all the same",
  async () => {
    const folder = await Deno.makeTempDir();
    await using kernel = await TestKernel.start({ env: { TMPDIR: folder } });
    await kernel.run("1");
    await Deno.remove(folder, { recursive: true });
    const { outputs, status } = await kernel.run(
      `await Deno.jupyter.display({ "text/plain": "x".repeat(3 << 20) }, { raw: true }); 1`,
    );
    assertEquals([status, outputs[0]?.length, outputs[1]], ["ok", (3 << 20) + 8, "result:1"]);
    await Deno.mkdir(folder);
    assertStringIncludes((await kernel.run("Deno.exit(1)")).outputs.join(), "KernelDied");
    assertEquals((await kernel.run("6 * 7")).outputs, ["result:42"]);
    assertEquals([...Deno.readDirSync(folder)], [], "Nothing is left in the temporary folder");
    await kernel.shutdown();
    await Deno.remove(folder, { recursive: true });
  },
);

testUnless(
  missingProc,
  "a relay killed at any moment of its start leaves no evaluator and no file",
  async () => {
    const folder = await Deno.makeTempDir();
    const families: number[][] = [];
    const kill = async (kernel: TestKernel, moment: Promise<void>) => {
      await moment;
      families.push(familyOf(kernel.process.pid));
      kernel.process.kill("SIGKILL");
    };
    const start = performance.now();
    {
      await using kernel = TestKernel.spawn({ env: { TMPDIR: folder } });
      const isMet = () => familyOf(kernel.process.pid).length > 1;
      await kill(kernel, until(isMet, "an evaluator"));
    }
    const untilMet = performance.now() - start; // on this machine, just now
    for (const share of [0.3, 0.7, 0.9, 1, 1.1, 1.5, 3]) {
      await using kernel = TestKernel.spawn({ env: { TMPDIR: folder } });
      await kill(kernel, pause(share * untilMet));
    }
    await until(() => !families.flat().some(isRunning), "the end of all");
    await until(() => [...Deno.readDirSync(folder)].length === 0, "the end of all files");
    await Deno.remove(folder, { recursive: true });
  },
);

testUnless(missingProc, "a relay that is killed leaves no language server", async () => {
  await using kernel = await TestKernel.start();
  void kernel.request("inspect_request", { code: "Deno", cursor_pos: 4, detail_level: 0 });
  let servers: number[] = [];
  await until(() => {
    servers = languageServersOf(kernel.process.pid);
    return servers.length > 0;
  }, "a language server");
  assertEquals(servers.length, 1);
  kernel.process.kill("SIGKILL");
  await until(() => !servers.some(isRunning), "the language server's end");
});

Deno.test(
  "many lines: none is lost, and a loop that prints without end stops soon",
  async () => {
    await using kernel = await TestKernel.start();
    const { outputs } = await kernel.run(
      'for (let i = 0; i < 200_000; i++) console.log("line " + i)',
    );
    // How fast they come is a figure of `deno task kernel-cost`; what makes it so is that they are joined.
    assert(outputs.length < 20_000, `200,000 lines in ${outputs.length} messages`);
    const lines = outputs.map((output) => output.replace("stream:", "")).join("").split("\n");
    assertEquals(lines.findIndex((line, i) => line !== `line ${i}`), 200_000);
    const endless = await kernel.runInterrupted(
      "for (let i = 0;; i++) console.log('line ' + i)",
      { after: 500 },
    );
    assertEquals(endless.outputs.at(-1), "error:KeyboardInterrupt: interrupted");
  },
);

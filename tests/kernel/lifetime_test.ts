/** What begins, ends and is taken away at the wrong moment. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { TestKernel } from "./_kernel.ts";
import { testUnless } from "../_skip.ts";
import { familyOf, isRunning, missingProc } from "./_processes.ts";

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

Deno.test("an interrupt while the first evaluator starts ends the cell, and the next one runs", async () => {
  await using kernel = await TestKernel.start();
  for (const wait of [60, 150]) { // not before the cell is there
    const interrupted = kernel.interruptAfter(wait);
    const { outputs } = await kernel.run("while (true) {}");
    await interrupted;
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
    for (const delay of [150, 300, 450, 600, 800, 1000]) {
      await using kernel = TestKernel.spawn({ env: { TMPDIR: folder } });
      await sleep(delay);
      families.push(familyOf(kernel.process.pid));
      kernel.process.kill("SIGKILL");
    }
    assert(families.some((family) => family.length > 1), "No evaluator was met");
    await sleep(1500);
    assertEquals(families.flat().filter(isRunning), []);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), []);
    await Deno.remove(folder, { recursive: true });
  },
);

testUnless(missingProc, "a relay that is killed leaves no language server", async () => {
  await using kernel = await TestKernel.start();
  void kernel.request("inspect_request", { code: "Deno", cursor_pos: 4, detail_level: 0 });
  const isServer = (pid: number) =>
    isRunning(pid) && Deno.readTextFileSync(`/proc/${pid}/cmdline`).includes("lsp");
  let servers: number[] = [];
  for (let tries = 0; servers.length === 0 && tries < 100; tries++) {
    await sleep(50);
    servers = familyOf(kernel.process.pid).filter(isServer);
  }
  assertEquals(servers.length, 1);
  kernel.process.kill("SIGKILL");
  for (let tries = 0; servers.some(isRunning) && tries < 100; tries++) await sleep(50);
  assertEquals(servers.filter(isRunning), []);
});

Deno.test(
  "many lines: none is lost, and a loop that prints without end stops soon",
  async () => {
    await using kernel = await TestKernel.start();
    const start = performance.now();
    const { outputs } = await kernel.run(
      'for (let i = 0; i < 200_000; i++) console.log("line " + i)',
    );
    assert(performance.now() - start < 5000, `${performance.now() - start} ms`);
    const lines = outputs.map((output) => output.replace("stream:", "")).join("").split("\n");
    assertEquals(lines.findIndex((line, i) => line !== `line ${i}`), 200_000);
    const interrupted = kernel.interruptAfter(500);
    const stop = performance.now() + 500;
    const endless = await kernel.run("for (let i = 0;; i++) console.log('line ' + i)");
    await interrupted;
    assert(performance.now() - stop < 2000, `Stopped after ${performance.now() - stop} ms`);
    assertEquals(endless.outputs.at(-1), "error:KeyboardInterrupt: interrupted");
  },
);

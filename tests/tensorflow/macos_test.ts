/** What can be proven of macOS where there is no Mac: not yet run there. @module */
import { assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import { cacheFolder, locateInFolder } from "../../lib/tensorflow/install/locate.ts";
import { librariesOn, WHEELS, wheelsFor } from "../../lib/tensorflow/install/_wheels.ts";
import { platformOf } from "../../lib/tensorflow/native/_keep_loaded.ts";
import { runScript } from "./_process.ts";

Deno.test("macOS: names of libraries, of the wheel and of the cache", async () => {
  const [wheel, ...others] = wheelsFor(WHEELS, "cpu", "darwin", "aarch64");
  assertEquals([wheel!.entries, others], [
    ["tensorflow/libtensorflow_framework.2.dylib", "tensorflow/libtensorflow_cc.2.dylib"],
    [],
  ]);
  const home = (name: string) => name === "HOME" ? "/Users/a" : undefined;
  assertEquals(cacheFolder(home, "darwin"), "/Users/a/Library/Caches/sam");
  assertEquals(platformOf("darwin").libc, "/usr/lib/libSystem.B.dylib");
  const folder = await Deno.makeTempDir();
  try {
    for (const name of Object.values(librariesOn("darwin"))) {
      await Deno.writeTextFile(join(folder, name), "");
    }
    assertEquals(
      locateInFolder(folder, "cache", "darwin")?.cc,
      join(folder, "libtensorflow_cc.2.dylib"),
    );
    assertEquals(locateInFolder(folder, "cache", "linux"), undefined);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  assertThrows(() => wheelsFor(WHEELS, "gpu", "darwin", "aarch64"), Error, "linux x86_64 only");
});

Deno.test("macOS: its way to end a process, which has no on_exit, keeps the exit code", async () => {
  const way = (rest: string) => `
    import { keepLoaded, platformOf } from "./lib/tensorflow/native/_keep_loaded.ts";
    import { locateTensorFlow } from "./lib/tensorflow/install/mod.ts";
    const { cc, framework } = locateTensorFlow();
    keepLoaded([framework, cc], true, { ...platformOf("linux"), atExit: "__cxa_atexit" });
    ${rest}`;
  const cases: [rest: string, code: number][] = [
    ["engine.tf.add(1, 2);", 0],
    ["Deno.exit(7);", 7],
    ["Deno.exitCode = 3;", 3],
    ["throw new Error('seen by the test');", 1],
    ["Promise.reject(new Error('seen by the test'));", 1],
  ];
  for (const [rest, code] of cases) {
    const ended = await runScript(way(rest));
    assertEquals([ended.code, ended.signal], [code, null], `${rest}: ${ended.stderr}`);
  }
});

import { join } from "node:path";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { locateInCache } from "../../lib/tensorflow/install/locate.ts";
import { setupTensorFlow } from "../../lib/tensorflow/install/setup.ts";
import { within } from "../_wait.ts";
import { FakeWorld } from "./_fake_wheels.ts";

const SETUP = new URL("../../lib/tensorflow/install/setup.ts", import.meta.url).href;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;
const list = (folder: string) => [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();

/** Runs setup in a process that kills itself with SIGKILL when `moment` is reached. */
async function runAndKill(world: FakeWorld, moment: "download" | "unpack" | "unpacked") {
  const { environment: _, progress: __, ...options } = world.options({
    wheels: world.table(),
    downloaders: [world.pip(moment === "download" ? "sleep 4" : "")],
  });
  const program = `
import { existsSync } from "node:fs";
import { setupTensorFlow } from ${JSON.stringify(SETUP)};
const kill = () => Deno.kill(Deno.pid, "SIGKILL");
const moment = ${JSON.stringify(moment)};
const begin = (label) => {
  const unpacks = label.startsWith("Unpacking");
  if (moment === "download") { // once pip is at work
    setInterval(() => existsSync(${JSON.stringify(join(world.root, "pip.log"))}) && kill(), 10);
  }
  return {
    update: () => moment === "unpack" && unpacks && kill(),
    end: () => moment === "unpacked" && unpacks && kill(),
  };
};
await setupTensorFlow({
  ...${JSON.stringify(options)},
  environment: (name) => name === "SAM_CACHE_DIR" ? ${JSON.stringify(world.cache)} : undefined,
  progress: { message() {}, begin },
});`;
  const path = join(world.root, "program.js");
  Deno.writeTextFileSync(path, program);
  const args = ["run", "--quiet", "--no-lock", "--allow-all", `--config=${CONFIG}`, path];
  const result = await new Deno.Command(Deno.execPath(), { args }).output();
  assertEquals(result.signal, "SIGKILL", new TextDecoder().decode(result.stderr));
}

for (const moment of ["download", "unpack", "unpacked"] as const) {
  Deno.test(`kill -9 at "${moment}" leaves nothing, and the next run completes`, async () => {
    using world = new FakeWorld();
    await runAndKill(world, moment);
    assertEquals(locateInCache(world.cache, ["cpu", "gpu"]), undefined);
    assert(list(world.cache).some((name) => name.startsWith("setup-")));
    const options = world.options({ wheels: world.table(), downloaders: [world.pip()] });
    const found = await setupTensorFlow(options);
    assertStringIncludes(Deno.readTextFileSync(found.cc), "cc a");
    assertEquals(list(world.cache), ["setup.lock", "tensorflow-2.21.0-cpu"]);
    // A wheel that pip had completed is not downloaded again.
    assertEquals(world.downloads.length, moment === "download" ? 2 : 1);
  });
}

Deno.test("an aborted set-up ends pip and leaves nothing", async () => {
  using world = new FakeWorld();
  const controller = new AbortController();
  const options = world.options({
    wheels: world.table(),
    downloaders: [world.pip("exec sleep 600")],
    signal: controller.signal,
    progress: {
      ...world.progress,
      begin: (label, bytes) => {
        setTimeout(() => controller.abort(), 50);
        return world.progress.begin(label, bytes);
      },
    },
  });
  const ended = within(setupTensorFlow(options), "the end of the set-up");
  await assertRejects(() => ended, DOMException, "aborted");
  assertEquals(list(world.cache), ["setup.lock"]);
  assertEquals(world.messages.at(-1), "ended");
});

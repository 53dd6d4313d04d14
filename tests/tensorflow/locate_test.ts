import { join } from "node:path";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { cacheFolder, locateTensorFlow } from "../../lib/tensorflow/install/locate.ts";
import { FakeWorld } from "./_fake_wheels.ts";

const environmentOf = (variables: Record<string, string>) => (name: string) => variables[name];

Deno.test("the cache folder is SAM_CACHE_DIR, then XDG_CACHE_HOME, then HOME", () => {
  const variables: Record<string, string> = { HOME: "/home/a", XDG_CACHE_HOME: "/x" };
  assertEquals(cacheFolder(environmentOf({ ...variables, SAM_CACHE_DIR: "/s" })), "/s");
  assertEquals(cacheFolder(environmentOf(variables)), "/x/sam");
  assertEquals(cacheFolder(environmentOf({ HOME: "/home/a" })), "/home/a/.cache/sam");
  const relative = { HOME: "/home/a", XDG_CACHE_HOME: "x" };
  assertEquals(cacheFolder(environmentOf(relative)), "/home/a/.cache/sam");
  assertThrows(() => cacheFolder(environmentOf({})), Error, "set SAM_CACHE_DIR");
});

Deno.test("an empty machine gets the remedy", () => {
  const environment = environmentOf({ SAM_CACHE_DIR: "/nowhere" });
  const error = assertThrows(() => locateTensorFlow(environment), Error);
  assertEquals(
    error.message,
    "Cannot find TensorFlow 2.21.0: SAM_TENSORFLOW is not set and /nowhere holds no complete " +
      "installation; run `deno task setup` (or `npx -y deno@2.9.6 task setup`)",
  );
});

Deno.test("SAM_TENSORFLOW takes the package or its site-packages, before the cache", () => {
  using world = new FakeWorld();
  world.package("cache/tensorflow-2.21.0-cpu");
  const folder = world.package("site-packages");
  for (const named of [folder, join(world.root, "site-packages")]) {
    const found = locateTensorFlow(environmentOf({ ...world.environment, SAM_TENSORFLOW: named }));
    assertEquals(found, {
      cc: join(folder, "libtensorflow_cc.so.2"),
      framework: join(folder, "libtensorflow_framework.so.2"),
      folder,
      source: "SAM_TENSORFLOW",
    });
  }
});

Deno.test("a wrong SAM_TENSORFLOW is an error, not a reason to look elsewhere", () => {
  using world = new FakeWorld();
  world.package("cache/tensorflow-2.21.0-cpu");
  const environment = environmentOf({ ...world.environment, SAM_TENSORFLOW: world.index });
  const { message } = assertThrows(() => locateTensorFlow(environment), Error);
  assertStringIncludes(message, `Cannot use SAM_TENSORFLOW=${world.index}: neither`);
  assertStringIncludes(message, "libtensorflow_cc.so.2 and libtensorflow_framework.so.2");
});

Deno.test("one library alone is no installation", () => {
  for (const library of ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"]) {
    using world = new FakeWorld();
    Deno.removeSync(join(world.package("cache/tensorflow-2.21.0-cpu"), library));
    assertThrows(() => locateTensorFlow(environmentOf(world.environment)), Error, "no complete");
  }
});

Deno.test("the GPU build comes first unless SAM_DEVICE is cpu", () => {
  using world = new FakeWorld();
  const gpu = world.package("cache/tensorflow-2.21.0-gpu");
  const nvidia = join(world.cache, "tensorflow-2.21.0-gpu/nvidia");
  for (const name of ["cudnn/lib", "cublas/lib", "cuda_nvcc/bin"]) {
    Deno.mkdirSync(join(nvidia, name), { recursive: true });
  }
  const found = locateTensorFlow(environmentOf(world.environment));
  assertEquals(found.folder, gpu);
  assertEquals(found.gpuLibraries, [join(nvidia, "cublas/lib"), join(nvidia, "cudnn/lib")]);
  const cpuWanted = environmentOf({ ...world.environment, SAM_DEVICE: "cpu" });
  assertEquals(locateTensorFlow(cpuWanted).folder, gpu);
  const cpu = world.package("cache/tensorflow-2.21.0-cpu");
  assertEquals(locateTensorFlow(cpuWanted).folder, cpu);
  assertEquals(locateTensorFlow(environmentOf(world.environment)).folder, gpu);
});

Deno.test("a record of a Python package counts as long as the package is there", () => {
  using world = new FakeWorld();
  const folder = world.package("site-packages");
  const install = join(world.cache, "tensorflow-2.21.0-cpu");
  Deno.mkdirSync(install, { recursive: true });
  const environment = environmentOf(world.environment);
  for (const broken of ["", "{", "null", "[]", `{"package":1}`, `{"package":"/nowhere"}`]) {
    Deno.writeTextFileSync(join(install, "installed.json"), broken);
    assertThrows(() => locateTensorFlow(environment), Error, "no complete installation");
  }
  Deno.writeTextFileSync(join(install, "installed.json"), JSON.stringify({ package: folder }));
  const { source, ...found } = locateTensorFlow(environment);
  assertEquals([source, found.folder], ["python", folder]);
});

Deno.test("locating takes less than a millisecond", () => {
  using world = new FakeWorld();
  world.package("cache/tensorflow-2.21.0-cpu");
  // The least of many: other work on the machine comes between some, not between all.
  const times = Array.from({ length: 200 }, () => {
    const start = performance.now();
    locateTensorFlow(environmentOf(world.environment));
    return performance.now() - start;
  });
  assert(Math.min(...times) < 1, `${Math.min(...times)} ms`);
});

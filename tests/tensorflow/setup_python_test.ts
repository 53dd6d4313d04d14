import { join } from "node:path";
import { assertEquals } from "@std/assert";
import { locateTensorFlow } from "../../lib/tensorflow/install/locate.ts";
import { PYTHONS } from "../../lib/system/mod.ts";
import { setupTensorFlow } from "../../lib/tensorflow/install/setup.ts";
import { FakeWorld } from "./_fake_wheels.ts";

Deno.test("a Python package of the same release is recorded, not downloaded", async () => {
  using world = new FakeWorld();
  const folder = world.package("site-packages");
  const answer = [[join(folder, "__init__.py"), "tensorflow-cpu", "2.21.1"]];
  const options = world.options({ pythons: [["/nowhere/python"], world.python(answer)] });
  const found = await setupTensorFlow(options);
  assertEquals([found.folder, found.source], [folder, "python"]);
  assertEquals(world.messages, [`Using the Python package ${folder} (2.21.1)`]);
  assertEquals(locateTensorFlow(options.environment), found);
  assertEquals(await setupTensorFlow({ ...options, pythons: [] }), found);
});

Deno.test("when a recorded package is gone the wheel is fetched in its place", async () => {
  using world = new FakeWorld();
  const folder = world.package("site-packages");
  const pythons = [world.python([[join(folder, "__init__.py"), "tensorflow", "2.21.0"]])];
  const options = world.options({ pythons, wheels: world.table(), downloaders: [world.pip()] });
  await setupTensorFlow(options);
  Deno.removeSync(folder, { recursive: true });
  assertEquals((await setupTensorFlow(options)).source, "cache");
});

Deno.test("other releases, packages without the libraries and nonsense are not used", async () => {
  const answers = [
    (folder: string) => [[join(folder, "__init__.py"), "tensorflow", "2.20.0"]],
    (folder: string) => [[join(folder, "none", "__init__.py"), "tensorflow", "2.21.0"]],
    () => [],
    () => ["tensorflow"],
    () => null,
  ];
  for (const answer of answers) {
    using world = new FakeWorld();
    const pythons = [world.python(answer(world.package("site-packages")))];
    const options = world.options({ pythons, wheels: world.table(), downloaders: [world.pip()] });
    assertEquals((await setupTensorFlow(options)).source, "cache");
  }
});

Deno.test("gpu takes a Python package only with NVIDIA's packages beside it", async () => {
  using world = new FakeWorld();
  const folder = world.package("site-packages");
  const pythons = [world.python([[join(folder, "__init__.py"), "tensorflow", "2.21.0"]])];
  const wheels = { "gpu-linux-fake": world.table()["cpu-linux-fake"]! };
  const options = world.options({ gpu: true, pythons, wheels, downloaders: [world.pip()] });
  assertEquals((await setupTensorFlow(options)).source, "cache");
  Deno.removeSync(world.cache, { recursive: true });
  Deno.mkdirSync(join(world.root, "site-packages/nvidia/cudnn/lib"), { recursive: true });
  assertEquals((await setupTensorFlow(options)).source, "python");
});

Deno.test("this machine's Python understands the question", async () => {
  using world = new FakeWorld();
  // Only the fake package is on the path (-S); as long as it has no metadata it is not taken.
  const folder = world.package("site-packages");
  Deno.writeTextFileSync(join(folder, "__init__.py"), "raise SystemExit('imported')");
  const pythons = PYTHONS.map(([python]) =>
    ["/usr/bin/env", `PYTHONPATH=${join(world.root, "site-packages")}`, python, "-S"] as const
  );
  const options = { wheels: world.table(), downloaders: [world.pip()] };
  assertEquals((await setupTensorFlow(world.options({ ...options, pythons }))).source, "cache");
  const info = join(world.root, "site-packages/tensorflow_cpu-2.21.0.dist-info");
  Deno.mkdirSync(info);
  Deno.writeTextFileSync(join(info, "METADATA"), "Name: tensorflow-cpu\nVersion: 2.21.0\n");
  Deno.removeSync(world.cache, { recursive: true });
  const found = await setupTensorFlow(world.options({ ...options, pythons }));
  const hasPython = new Deno.Command("/bin/sh", { args: ["-c", "python3 -V || python -V"] });
  assertEquals(found.source, (await hasPython.output()).success ? "python" : "cache");
});

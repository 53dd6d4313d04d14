import { join } from "node:path";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { locateTensorFlow } from "../../lib/tensorflow/install/locate.ts";
import type { Wheel } from "../../lib/tensorflow/install/_wheels.ts";
import { setupTensorFlow } from "../../lib/tensorflow/install/setup.ts";
import { FakeWorld, tensorflowEntries, zip } from "./_fake_wheels.ts";

const INSTALLATION = "tensorflow-2.21.0-cpu";
const list = (folder: string) => [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
const only = (table: Readonly<Record<string, readonly Wheel[]>>) => table["cpu-linux-fake"]![0]!;

Deno.test("setup fetches, verifies and unpacks once; a second call is instant", async () => {
  using world = new FakeWorld();
  const options = world.options({ wheels: world.table(), downloaders: [world.pip()] });
  const found = await setupTensorFlow(options);
  const folder = join(world.cache, INSTALLATION, "tensorflow");
  assertEquals([found.folder, found.source], [folder, "cache"]);
  assertStringIncludes(Deno.readTextFileSync(found.cc), "cc a");
  assertStringIncludes(Deno.readTextFileSync(found.framework), "framework a");
  assertEquals(list(world.cache), ["setup.lock", INSTALLATION]);
  assertEquals(list(join(world.cache, INSTALLATION)), ["installed.json", "tensorflow"]);
  assertEquals(list(folder), ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"]);
  const { bytes } = only(options.wheels!);
  assertEquals(world.messages, [
    `Downloading tensorflow-cpu 2.21.0: ${bytes}`,
    "done",
    "Unpacking tensorflow-cpu 2.21.0: 31000",
    "done",
  ]);

  assertEquals(await setupTensorFlow({ ...options, downloaders: [] }), found);
  assertEquals(world.messages.length, 4, "nothing is done anew");
  assertEquals(locateTensorFlow(options.environment), found);
});

Deno.test("pip is asked for exactly the pinned file, in the cache's own folder", async () => {
  using world = new FakeWorld();
  const pip = world.pip(`[ "$TMPDIR" = "$dest" ] && [ "$PWD" = "$dest" ] || exit 3`);
  await setupTensorFlow(world.options({ wheels: world.table(), downloaders: [pip] }));
  const [download, ...more] = world.downloads;
  assertEquals(more, []);
  assertStringIncludes(
    download!,
    "download tensorflow-cpu==2.21.0 --no-deps --only-binary=:all: --python-version=3.12 " +
      `--implementation=cp --abi=cp312 --platform=manylinux_2_27_fake --dest=${world.cache}/setup-`,
  );
});

Deno.test("a wheel with another hash is refused, named and removed", async () => {
  using world = new FakeWorld();
  const wheels = world.table();
  const { file, sha256 } = only(wheels);
  const other = world.wheel(file, zip(tensorflowEntries("b")), []);
  const options = world.options({ wheels, downloaders: [world.pip()] });
  const { message } = await assertRejects(() => setupTensorFlow(options), Error);
  assertStringIncludes(message, `its sha256 is ${other.sha256}, expected ${sha256}`);
  assertEquals(list(world.cache), ["setup.lock"]);
});

Deno.test("a damaged wheel of an earlier attempt is fetched again", async () => {
  using world = new FakeWorld();
  const wheels = world.table();
  Deno.mkdirSync(join(world.cache, "wheels"), { recursive: true });
  Deno.writeTextFileSync(join(world.cache, "wheels", only(wheels).file), "half");
  await setupTensorFlow(world.options({ wheels, downloaders: [world.pip()] }));
  assertEquals(list(world.cache), ["setup.lock", INSTALLATION]);
});

Deno.test("a wheel without the libraries is refused", async () => {
  using world = new FakeWorld();
  const wheels = world.table("a", [["tensorflow/libtensorflow_cc.so.2", "cc"]]);
  const options = world.options({ wheels, downloaders: [world.pip()] });
  await assertRejects(
    () => setupTensorFlow(options),
    Error,
    "it holds no tensorflow/libtensorflow_framework.so.2",
  );
});

Deno.test("force replaces the installation", async () => {
  using world = new FakeWorld();
  const downloaders = [world.pip()];
  await setupTensorFlow(world.options({ wheels: world.table("a"), downloaders }));
  const wheels = world.table("b");
  const found = await setupTensorFlow(world.options({ wheels, downloaders, force: true }));
  assertStringIncludes(Deno.readTextFileSync(found.cc), "cc b");
  assertEquals(list(world.cache), ["setup.lock", INSTALLATION]);
});

Deno.test("of two set-ups at a time one works and the other waits for it", async () => {
  using world = new FakeWorld();
  const downloaders = [world.pip("sleep 0.3")];
  const options = world.options({ wheels: world.table(), downloaders });
  const [first, second] = await Promise.all([setupTensorFlow(options), setupTensorFlow(options)]);
  assertEquals(first, second);
  assertEquals(world.downloads.length, 1);
  assert(world.messages.includes("Waiting for another setup that is running"));
});

Deno.test("without pip and uv the message says what to install", async () => {
  using world = new FakeWorld();
  const broken = world.script("broken", "exit 1");
  const downloaders = [["/nowhere/python", "-m", "pip"] as const, broken];
  const options = world.options({ wheels: world.table(), downloaders });
  const { message } = await assertRejects(() => setupTensorFlow(options), Error);
  assertStringIncludes(message, "none of `/nowhere/python -m pip`, `/bin/sh ");
  assertStringIncludes(message, "install Python with pip, or uv, or set SAM_TENSORFLOW");
});

Deno.test("a failing pip is quoted, and a full disk has its own message", async () => {
  using world = new FakeWorld();
  const wheels = world.table();
  const attempt = (complaint: string) => {
    const downloaders = [world.pip(`echo '${complaint}' >&2; exit 1`)];
    return assertRejects(() => setupTensorFlow(world.options({ wheels, downloaders })), Error);
  };
  assertStringIncludes((await attempt("ERROR: no route")).message, "pip says:\n  ERROR: no route");
  const full = (await attempt("OSError: [Errno 28] No space left on device")).message;
  assertStringIncludes(full, "the disk is full");
  assertStringIncludes(full, "set SAM_CACHE_DIR");
  assertEquals(list(world.cache), ["setup.lock"]);
});

Deno.test("other platforms are told to bring their own library", async () => {
  using world = new FakeWorld();
  const options = world.options({ platform: { os: "darwin", arch: "x86_64" } });
  const { message } = await assertRejects(() => setupTensorFlow(options), Error);
  assertStringIncludes(message, "Cannot fetch TensorFlow 2.21.0 (cpu) for darwin x86_64: ");
  assertStringIncludes(
    message,
    "pinned for linux x86_64 and linux aarch64 and darwin aarch64 only",
  );
  const gpu = { ...options, gpu: true, platform: { os: "linux", arch: "aarch64" } };
  await assertRejects(() => setupTensorFlow(gpu), Error, "pinned for linux x86_64 only");
});

Deno.test("a wrong SAM_TENSORFLOW is never covered up by a download", async () => {
  using world = new FakeWorld();
  world.environment.SAM_TENSORFLOW = world.index;
  const options = world.options({ wheels: world.table(), downloaders: [world.pip()] });
  await assertRejects(() => setupTensorFlow(options), Error, "Cannot use SAM_TENSORFLOW=");
  assertEquals(world.downloads, []);
});

Deno.test("gpu puts NVIDIA's libraries where TensorFlow looks for them", async () => {
  using world = new FakeWorld();
  const cpu = only(world.table());
  const cudnn = world.wheel(
    "nvidia_cudnn_cu12-9.19.0.56-py3-none-manylinux2010_fake.manylinux_2_12_fake.whl",
    zip([["nvidia/cudnn/lib/libcudnn.so.9", "cudnn"], ["nvidia/cudnn/include/cudnn.h", "no"]]),
    [/^nvidia\/cudnn\/lib\/[\w.-]+\.so[\w.]*$/],
  );
  const wheels = { "gpu-linux-fake": [cpu, cudnn], "cpu-linux-fake": [cpu] };
  const options = world.options({ wheels, downloaders: [world.pip()] });
  await setupTensorFlow(options);
  const found = await setupTensorFlow({ ...options, gpu: true });
  const folder = join(world.cache, "tensorflow-2.21.0-gpu");
  assertEquals(found.folder, join(folder, "tensorflow"));
  assertEquals(found.gpuLibraries, [join(folder, "nvidia/cudnn/lib")]);
  assertEquals(list(join(folder, "nvidia/cudnn")), ["lib"]);
  assertStringIncludes(
    world.downloads[2]!,
    "nvidia-cudnn-cu12==9.19.0.56 --no-deps --only-binary=:all: --python-version=3.12 " +
      "--implementation=cp --abi=cp312 --platform=manylinux2010_fake --platform=manylinux_2_12_fake",
  );
  assertEquals(await setupTensorFlow(options), found);
});

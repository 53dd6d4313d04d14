import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { installKernel, kernelSpec, listKernels, uninstallKernel } from "../../lib/kernel/mod.ts";

Deno.test("a kernel is installed, listed and uninstalled below a prefix", async () => {
  const prefix = await Deno.makeTempDir();
  try {
    assertEquals(await listKernels({ prefix }), []);
    const folder = await installKernel({ prefix });
    assertEquals(folder, join(prefix, "share", "jupyter", "kernels", "deno-sam"));
    assertEquals(await installKernel({ prefix }), folder, "Installing again replaces it");
    const spec = JSON.parse(await Deno.readTextFile(join(folder, "kernel.json")));
    assertEquals(spec, kernelSpec());
    assertEquals(await listKernels({ prefix }), [
      { folder, displayName: "Deno (SAM)", usable: true },
    ]);
    assertEquals(await uninstallKernel({ prefix }), folder);
    assertEquals(await uninstallKernel({ prefix }), undefined);
  } finally {
    await Deno.remove(prefix, { recursive: true });
  }
});

Deno.test("a kernel whose program or Deno is gone is listed as not usable", async () => {
  const prefix = await Deno.makeTempDir();
  try {
    const path = join(await installKernel({ prefix }), "kernel.json");
    const { argv, ...spec } = kernelSpec();
    const gone = (from: string, to: string) => argv.map((word) => word === from ? to : word);
    const main = argv.find((word) => word.endsWith("main.ts"))!;
    for (
      const changed of [
        gone(main, join("/gone", "lib", "kernel", "main.ts")),
        gone(argv[0]!, "/gone/deno"),
      ]
    ) {
      await Deno.writeTextFile(path, JSON.stringify({ ...spec, argv: changed }));
      assertEquals((await listKernels({ prefix })).map(({ usable }) => usable), [false]);
    }
  } finally {
    await Deno.remove(prefix, { recursive: true });
  }
});

Deno.test("another program's kernel is left alone", async () => {
  const prefix = await Deno.makeTempDir();
  try {
    const folder = join(prefix, "share", "jupyter", "kernels", "python3");
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(join(folder, "kernel.json"), '{"argv":["python"]}');
    await assertRejects(() => installKernel({ prefix, name: "python3" }), Error, "another program");
    await assertRejects(() => uninstallKernel({ prefix, name: "python3" }), Error, "another");
    assertEquals(await listKernels({ prefix }), []);
    assert((await Deno.stat(folder)).isDirectory);
  } finally {
    await Deno.remove(prefix, { recursive: true });
  }
});

Deno.test("a name that is a path is refused", async () => {
  await assertRejects(() => installKernel({ name: "../x" }), RangeError, "Cannot install");
});

import { join } from "node:path";
import { assertEquals, assertRejects } from "@std/assert";
import { unzip } from "../../lib/tensorflow/install/_unzip.ts";
import { FakeWorld, zip } from "./_fake_wheels.ts";

function archive(world: FakeWorld, entries: [string, string][]): string {
  const path = join(world.root, "a.zip");
  Deno.writeFileSync(path, zip(entries));
  return path;
}

Deno.test("only allowed entries are written, and their size is known beforehand", async () => {
  using world = new FakeWorld();
  const file = archive(world, [
    ["nvidia/x/lib/libx.so.1", "one"],
    ["nvidia/x/bin/tool", "tool"],
    ["nvidia/x/lib/readme.txt", "no"],
    ["other/nvidia/x/lib/libx.so.1", "no"],
    ["nvidia/x/lib/sub/liby.so", "no"],
  ]);
  const seen: number[] = [];
  const out = join(world.root, "out");
  await unzip(file, out, [/^nvidia\/x\/lib\/[\w.-]+\.so[\w.]*$/, "nvidia/x/bin/tool"], {
    onProgress: (done, total) => seen.push(done, total),
  });
  assertEquals(seen, [3, 7, 7, 7]);
  assertEquals(Deno.readTextFileSync(join(out, "nvidia/x/lib/libx.so.1")), "one");
  assertEquals(Deno.statSync(join(out, "nvidia/x/lib/libx.so.1")).mode! & 0o111, 0);
  assertEquals(Deno.statSync(join(out, "nvidia/x/bin/tool")).mode! & 0o100, 0o100);
  assertEquals([...Deno.readDirSync(out)].map((entry) => entry.name), ["nvidia"]);
  assertEquals([...Deno.readDirSync(join(out, "nvidia/x/lib"))].length, 1);
});

for (const name of ["../evil", "a/../../evil", "/tmp/sam_evil", "a\\..\\..\\evil", "C:/evil"]) {
  Deno.test(`an archive with the entry ${name} is refused as a whole`, async () => {
    using world = new FakeWorld();
    const file = archive(world, [["good", "good"], [name, "evil"]]);
    const out = join(world.root, "out");
    await assertRejects(() => unzip(file, out, [/./]), Error, `Cannot unpack ${file}: `);
    const left = [...Deno.readDirSync(world.root)].map((entry) => entry.name).sort();
    assertEquals(left, ["a.zip", "index"]);
  });
}

Deno.test("a missing entry, a double entry and a broken archive are refused", async () => {
  using world = new FakeWorld();
  const out = join(world.root, "out");
  const file = archive(world, [["a", "1"], ["a", "2"]]);
  await assertRejects(() => unzip(file, out, ["a", "b", /c/]), Error, "it holds no b, /c/");
  await assertRejects(() => unzip(file, out, ["a"]), Error, "File exists");
  Deno.truncateSync(file, 40);
  await assertRejects(() => unzip(file, out, ["a"]), Error, `Cannot unpack ${file}`);
});

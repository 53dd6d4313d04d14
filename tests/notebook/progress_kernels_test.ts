/** Progress where it is used: in this kernel, in Deno's own, and in a program without a terminal. */
import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { DENO_KERNEL, TestKernel } from "../kernel/_kernel.ts";

const CODE = `import { progress } from "sam/notebook";
let sum = 0;
for (const x of progress([1, 2, 3], "sync")) sum += x;
for await (const x of progress((async function* () { yield 4; })(), "async", 1)) sum += x;
sum`;

for (const [name, options] of [["this kernel", {}], ["Deno's own", DENO_KERNEL]] as const) {
  Deno.test(`progress in ${name}: the last state of each bar, in a place of its own`, async () => {
    await using kernel = await TestKernel.start(options);
    const { status } = await kernel.run(CODE);
    assertEquals(status, "ok");
    const places = new Set<unknown>();
    for (const label of ["sync", "async"]) {
      await kernel.sees(({ header, content }) => {
        const text = JSON.stringify(content.data ?? "");
        if (!text.includes(`${label} · 100 %`)) return false;
        places.add((content.transient as { display_id?: string }).display_id);
        return header.msg_type === "update_display_data";
      });
    }
    assertEquals(places.size, 2);
  });
}

Deno.test("progress in a program whose output is no terminal: the last states as lines", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--ext=ts", CODE.replace(/sum$/, "console.log(sum)")],
    cwd: fileURLToPath(new URL("../../", import.meta.url)),
  }).output();
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  assertEquals(lines.map((line) => line.replace(/^█+ | · [\d.]+ s$/g, "")).toSorted(), [
    "10",
    "async · 100 %",
    "sync · 100 %",
  ]);
});

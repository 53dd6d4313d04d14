/** `docs/reliability.md` against the tests and tasks that it names. */
import { assert, assertEquals } from "@std/assert";
import { dirname } from "node:path";

const ROOT = new URL("../../", import.meta.url);
const page = await Deno.readTextFile(new URL("docs/reliability.md", ROOT));

Deno.test("docs/reliability.md: the tests and tasks that it names exist", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const named = [...page.matchAll(/`deno task ([a-z-]+)/g)].map(([, name]) => name!);
  assert(named.length > 5, `${named.length} tasks`);
  assertEquals(named.filter((name) => !Object.hasOwn(tasks, name)), []);

  const missing: string[] = [];
  let count = 0;
  for (const line of page.split("\n")) {
    let folder = "";
    for (const [name] of line.matchAll(/[a-z_/]+_test\.ts/g)) {
      if (name.includes("/")) folder = dirname(name);
      const path = name.includes("/") ? name : `${folder}/${name}`;
      count++;
      await Deno.stat(new URL(path, ROOT)).catch(() => missing.push(path));
    }
  }
  assert(count > 20, `${count} tests`);
  assertEquals(missing, []);
});

import { assertEquals } from "@std/assert";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const KERNEL = fileURLToPath(new URL("../../lib/kernel", import.meta.url));
/** From the ground up: a folder may import from those in front of it. */
const ROOMS = [
  "wire",
  "evaluator/channel",
  "evaluator/inside",
  "evaluator",
  "language/server",
  "language",
  "relay",
];

Deno.test("kernel: folders import downwards only, through doors", async () => {
  const wrong: string[] = [];
  for (const folder of [...ROOMS, ""]) {
    for (const { name, isFile } of Deno.readDirSync(join(KERNEL, folder))) {
      if (!isFile) continue;
      const source = await Deno.readTextFile(join(KERNEL, folder, name));
      for (const [, specifier = ""] of source.matchAll(/ from "(\.[^"]*)"/g)) {
        const target = relative(KERNEL, join(KERNEL, folder, specifier));
        const room = dirname(target) === "." ? "" : dirname(target);
        if (room === folder) continue;
        const isBelow = folder === "" || ROOMS.indexOf(room) < ROOMS.indexOf(folder);
        const isDoor = target === join(room, "mod.ts");
        if (room === "" || !isBelow || !isDoor) wrong.push(`${join(folder, name)}: ${specifier}`);
      }
    }
  }
  assertEquals(wrong, []);
});

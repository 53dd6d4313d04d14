/** The permission sets of `deno.json`. @module */
import { assert, assertEquals } from "@std/assert";

interface Config {
  readonly permissions: Readonly<Record<string, { readonly net?: readonly string[] }>>;
  readonly tasks: Readonly<Record<string, { readonly command: string }>>;
}

const ROOT = new URL("../../", import.meta.url);
const { permissions, tasks }: Config = JSON.parse(
  await Deno.readTextFile(new URL("deno.json", ROOT)),
);

/** The hosts of the addresses that the loaders of data sets name. */
async function hostsOfLoaders(): Promise<string[]> {
  const folder = new URL("lib/data/sets/", ROOT);
  const texts = await Promise.all(
    (await Array.fromAsync(Deno.readDir(folder)))
      .map(({ name }) => Deno.readTextFile(new URL(name, folder))),
  );
  return texts.flatMap((text) =>
    Array.from(text.matchAll(/["`]https?:\/\/([^/"`]+)/g), ([, host]) => host!)
  );
}

Deno.test("permissions: one set names hosts, those that data sets are fetched from", async () => {
  const sets = Object.values(permissions).flatMap(({ net }) => net === undefined ? [] : [net]);
  assertEquals(sets.length, 1);
  // Besides them, workers on this machine.
  assertEquals(new Set(sets[0]), new Set([...await hostsOfLoaders(), "127.0.0.1"]));
});

Deno.test("permissions: each set is some task's, and each task's set is there", () => {
  const used = Object.values(tasks).flatMap(({ command }) => / -P=(\S+)/.exec(command)?.[1] ?? []);
  assert(used.length > 0);
  assertEquals(new Set(used), new Set(Object.keys(permissions)));
});

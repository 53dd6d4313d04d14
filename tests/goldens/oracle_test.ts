/** The goldens are what their script makes of the fixtures, where these are at hand. */
import { gunzipSync } from "node:zlib";
import { assertEquals } from "@std/assert";
import { sha256Of } from "../_fixtures.ts";
import { testUnless } from "../_skip.ts";
import { fixtures } from "./_fixture_folder.ts";
import { oracleGoldens } from "./oracle.ts";

testUnless(fixtures.missing, "goldens: the script would write them again", () => {
  const folder = new URL("oracle/", import.meta.url);
  const made = oracleGoldens();
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name);
  assertEquals(names.sort(), [...made.keys()].sort());
  for (const [name, bytes] of made) {
    // Other versions of zlib may compress otherwise.
    const content = (bytes: Uint8Array) => name.endsWith(".gz") ? gunzipSync(bytes) : bytes;
    const kept = Deno.readFileSync(new URL(name, folder));
    assertEquals(sha256Of(content(kept)), sha256Of(content(bytes)), name);
  }
});

Deno.test("goldens: all of them stay small", () => {
  assertEquals(sizeOf(new URL(".", import.meta.url)) <= 8_000_000, true);
});

function sizeOf(folder: URL): number {
  return [...Deno.readDirSync(folder)].reduce(
    (sum, { name, isDirectory }) =>
      sum +
      (isDirectory
        ? sizeOf(new URL(`${name}/`, folder))
        : Deno.statSync(new URL(name, folder)).size),
    0,
  );
}

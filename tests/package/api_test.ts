/** The public API beside tests/goldens/api.json. @module */
// After a change that is meant, with an entry in CHANGELOG.md:
// UPDATE_GOLDENS=1 deno test -A tests/package/api_test.ts
import { assert, assertEquals } from "@std/assert";
import { publicApi, withoutExamples } from "./_api.ts";

const GOLDEN = new URL("../goldens/api.json", import.meta.url);

Deno.test("package: every entry point exports what tests/goldens/api.json says", async () => {
  const api = await publicApi();
  if (Deno.env.has("UPDATE_GOLDENS")) {
    await Deno.writeTextFile(GOLDEN, JSON.stringify(api, null, 1) + "\n");
  }
  const golden = JSON.parse(await Deno.readTextFile(GOLDEN));
  assertEquals(Object.keys(api), Object.keys(golden));
  for (const [entry, names] of Object.entries(api)) {
    const changed = differences(golden[entry], names);
    const remedy = "an export less or other than before is a change for CHANGELOG.md and for the " +
      "version; write the new list with UPDATE_GOLDENS=1";
    assertEquals(changed, [], `${entry}: ${remedy}`);
  }
});

Deno.test("package: the list of exports looks into namespaces, options and classes", async () => {
  const { "./tensorflow": engine = {}, ".": root = {}, "./tfjs": tfjs = {} } = await publicApi();
  assertEquals(root["optim.sam"], "function");
  assertEquals(root["optim.schedules.cosine"], "function");
  assert(root["random.seed"] === engine["random.seed"] && engine["random.seed"] === "function");
  assertEquals(root["tf"], "namespace");
  assert(root["optim.SamOptions"]?.includes("rho"), root["optim.SamOptions"]);
  assert(tfjs["SamOptimizer"]?.startsWith("class { "), tfjs["SamOptimizer"]);
});

Deno.test("package: every function that is exported has an example", async () => {
  assertEquals(await withoutExamples(), []);
});

/** A line for each name that only one list has, or that differs. */
function differences(before: Record<string, string>, after: Record<string, string>): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => before[name] !== after[name]).map((name) =>
    `${name}: ${before[name] ?? "not there"} -> ${after[name] ?? "gone"}`
  );
}

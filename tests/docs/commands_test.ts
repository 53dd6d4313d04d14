/** The commands that documents and heads of files name, against what the commands take. */
import { assert, assertEquals } from "@std/assert";
import { commands } from "../../lib/commands/mod.ts";
import config from "../../deno.json" with { type: "json" };
import { textsIn, textsOf } from "./_texts.ts";

/** A flag in our spelling; the reference's has underscores. */
const dashed = (flag: string) => flag.replaceAll("_", "-");

/** A text's commands by task, with the flags that stand behind them. */
function mentions(text: string): { readonly task: string; readonly flags: readonly string[] }[] {
  const joined = text.replaceAll(/\\\n\s*|\n \* +/g, " ");
  const pattern = /deno task ([a-z][\w-]*)((?: [^\n`;|#&]*)?)/g;
  return [...joined.matchAll(pattern)].map(([, task, rest]) => ({
    task: task!,
    flags: [...rest!.matchAll(/(?<=\s|\[)--([a-z][\w-]*)/g)].map(([, flag]) => dashed(flag!)),
  }));
}

Deno.test("docs: the tasks and flags that are named exist", async () => {
  const flagsOf = new Map<string, ReadonlySet<string>>();
  for (const [name, { load }] of Object.entries(commands)) {
    const { flags, settings = {}, aliases = {} } = (await load()).command;
    const known = Object.keys({ ...flags, ...settings, ...aliases }).map(dashed);
    flagsOf.set(name, new Set([...known, ...known.map((flag) => `no-${flag}`), "help"]));
  }
  const wrong: string[] = [];
  let count = 0;
  const files = [
    ...textsIn("docs/", /\.md$/),
    ...textsIn("data/", /\.md$/),
    ...textsIn("notebooks/", /\.(md|ts)$/),
    ...textsOf("README.md", "CONTRIBUTING.md", "CHANGELOG.md"),
  ];
  for (const [path, text] of files) {
    for (const { task, flags } of mentions(text)) {
      count++;
      if (!Object.hasOwn(config.tasks, task)) wrong.push(`${path}: deno task ${task}`);
      const known = flagsOf.get(task);
      for (const flag of known === undefined ? [] : flags) {
        if (!known!.has(flag)) wrong.push(`${path}: deno task ${task} --${flag}`);
      }
    }
  }
  assert(count > 60, `only ${count} are named`);
  assertEquals(wrong, []);
});

Deno.test("docs: commands are found with the flags behind them", () => {
  assertEquals(
    mentions("`deno task demo [--seeds 5]` and\ndeno task train --m 16 \\\n  --no-top5 # --not"),
    [{ task: "demo", flags: ["seeds"] }, { task: "train", flags: ["m", "no-top5"] }],
  );
});

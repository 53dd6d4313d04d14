/**
 * Runs the tests and says at the end why some were skipped:
 *
 *     deno task test                      all of them, docstring examples included
 *     deno task test tests/optim --filter=rho   those of a folder, or of any file that is named
 *
 * Other arguments go to `deno test`; an option's value stands behind `=`. The exit code is its own.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { REASONS_FILE } from "./_skip.ts";

const ALL = [
  "lib",
  "tests",
  "mod.ts",
  "README.md",
  "CONTRIBUTING.md",
  "data/README.md",
  "docs/architecture.md",
  "docs/distributed.md",
  "docs/getting_started.md",
  "docs/own_training.md",
  "docs/sharpness.md",
  "bench/harness_test.ts",
];

const folder = await Deno.makeTempDir({ prefix: "sam_tests_" });
const reasons = join(folder, "reasons.jsonl");
const results = join(folder, "results.xml");
await Deno.writeTextFile(reasons, "");
// What examples and killed processes leave behind goes with it.
const temporary = join(folder, "tmp");
await Deno.mkdir(temporary);
// An interrupt goes to `deno test` too, which ends; this then reports what there is.
Deno.addSignalListener("SIGINT", () => {});
try {
  const paths = Deno.args.some((argument) => existsSync(argument)) ? [] : ALL;
  const options = ["-q", "--doc", "--allow-all", `--junit-path=${results}`];
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["test", ...options, ...paths, ...Deno.args],
    env: { [REASONS_FILE]: reasons, TMPDIR: temporary },
  }).spawn().status;
  // deno-lint-ignore no-console -- it is a command
  for (const line of await skippedTests()) console.log(line);
  Deno.exitCode = code;
} finally {
  await Deno.remove(folder, { recursive: true });
}

/** A line for each skipped test. */
async function skippedTests(): Promise<string[]> {
  if (!existsSync(results)) return [];
  const lines = (await Deno.readTextFile(reasons)).split("\n").filter((line) => line !== "");
  const known = new Map<string, string>(lines.map((line) => JSON.parse(line)));
  const cases = (await Deno.readTextFile(results)).matchAll(
    /<testcase name="([^"]*)"[^>]*>\s*<skipped/g,
  );
  const names = Array.from(cases, ([, escaped]) => unescapeXml(escaped!)).filter(isWanted);
  return names.map((name) => `Skipped: ${name}: ${known.get(name) ?? "its file does not say why"}`);
}

/** Whether `--filter` lets a test run: what it leaves out is skipped in the results too. */
function isWanted(name: string): boolean {
  const filter = Deno.args.find((argument) => argument.startsWith("--filter="))?.slice(9);
  if (filter === undefined) return true;
  const pattern = /^\/(.*)\/$/.exec(filter)?.[1];
  return pattern === undefined ? name.includes(filter) : new RegExp(pattern).test(name);
}

function unescapeXml(text: string): string {
  const characters: Record<string, string> = { quot: '"', apos: "'", lt: "<", gt: ">", amp: "&" };
  return text.replaceAll(/&(quot|apos|lt|gt|amp);/g, (_, name) => characters[name]!);
}

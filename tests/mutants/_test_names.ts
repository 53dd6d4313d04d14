/** The names of tests, read in a process where `Deno.test` notes them. @module */
import { pathToFileURL } from "node:url";

/** @returns the names of the tests of each file, as `--filter` sees them */
export async function testNames(paths: readonly string[]): Promise<Map<string, string[]>> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-check", "--allow-all", import.meta.filename!, ...paths],
    env: { NO_COLOR: "1" },
  }).output();
  if (!success) throw new Error(`Cannot read names: ${new TextDecoder().decode(stderr)}`);
  return new Map(JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!));
}

/** What a test is begun with: its name and function, or what holds them. */
type Given = string | { readonly name?: string };

async function namesIn(path: string): Promise<string[]> {
  const names: string[] = [];
  const note = (...given: Given[]) => {
    const named = given.map((one) => typeof one === "string" ? one : one.name);
    names.push(named.find((name) => name !== undefined && name !== "")!);
  };
  Object.assign(Deno, { test: Object.assign(note, { ignore: note, only: note }) });
  await import(pathToFileURL(path).href);
  return names;
}

if (import.meta.main) {
  const found: [path: string, names: string[]][] = [];
  for (const path of Deno.args) found.push([path, await namesIn(path)]);
  // deno-lint-ignore no-console -- what the other process reads
  console.log(JSON.stringify(found));
}

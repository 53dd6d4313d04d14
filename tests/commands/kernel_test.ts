import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { UsageError } from "../../lib/commands/_flags.ts";
import { kernelCommand } from "../../lib/commands/kernel.ts";
import { labCommand } from "../../lib/commands/lab.ts";
import { reportCommand } from "../../lib/commands/report.ts";
import { recorder } from "../terminal/_recorder.ts";

/** Runs the command below a prefix of its own, and gives each line and exit code. */
async function run(...commands: readonly (readonly string[])[]): Promise<unknown[]> {
  const prefix = await Deno.makeTempDir();
  try {
    const results: unknown[] = [];
    for (const args of commands) {
      const output = recorder(false);
      const code = await kernelCommand([...args, "--prefix", prefix], output);
      const lines = output.written.join("").trimEnd().split("\n");
      results.push([code, ...lines.map((line) => line.replaceAll(prefix, "…"))]);
    }
    return results;
  } finally {
    await Deno.remove(prefix, { recursive: true });
  }
}

const kernels = join("…", "share", "jupyter", "kernels");

Deno.test("kernel command: installs, lists and uninstalls below a prefix", async () => {
  const folder = join(kernels, "deno-sam");
  assertEquals(await run(["list"], ["install"], ["list"], ["uninstall"], ["uninstall"]), [
    [0, `None of our kernels in ${kernels}`],
    [0, `Installed in ${folder}`],
    [0, `Deno (SAM)  ${folder}`],
    [0, `Removed ${folder}`],
    [1, `No kernel deno-sam in ${kernels}`],
  ]);
});

Deno.test("kernel command: under another name, shown as another", async () => {
  const names = ["--name", "other", "--display-name", "Other"];
  const folder = join(kernels, "other");
  assertEquals(
    await run(["install", ...names], ["list"], ["uninstall"], ["uninstall", "--name", "other"]),
    [
      [0, `Installed in ${folder}`],
      [0, `Other  ${folder}`],
      [1, `No kernel deno-sam in ${kernels}`],
      [0, `Removed ${folder}`],
    ],
  );
});

Deno.test("kernel command: refuses what cannot be meant", async () => {
  const refused: [args: string[], message: string][] = [
    [["remove"], "<action> must be one of install, uninstall, list, got remove"],
    [[], "Name an action: install, uninstall or list; see --help"],
    [["list", "install"], "Unexpected argument install: options start with --"],
    [["list", "--user", "--prefix", "/x"], "--user and --prefix exclude each other"],
  ];
  for (const [args, message] of refused) {
    await assertRejects(() => kernelCommand(args, recorder(false)), UsageError, message);
  }
  const output = recorder(false);
  assertEquals(await kernelCommand(["-h"], output), 0);
  assertStringIncludes(output.written.join(""), "Usage: deno task kernel <action> [options]\n");
});

Deno.test("whoever runs cells is told that they have all permissions, by each way to run them", async () => {
  const texts = [await Deno.readTextFile(new URL("../../docs/kernel.md", import.meta.url))];
  for (const command of [kernelCommand, labCommand, reportCommand]) {
    const output = recorder(false);
    assertEquals(await command(["--help"], output), 0);
    texts.push(output.written.join(""));
  }
  for (const text of texts) assertMatch(text, /cells run with \**all permissions/i);
});

/** Completion by shells, as they do it. @module */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { missingPosix, testUnless } from "../_skip.ts";
import { cli } from "../train/_runs.ts";

async function scriptFor(shell: string): Promise<string> {
  await using child = cli(["completions", shell]);
  const { code, stdout, stderr } = await child.ended;
  assertEquals([code, stderr], [0, ""]);
  return stdout;
}

testUnless(missingPosix, "completions: bash completes commands, options, choices", async () => {
  const script = await scriptFor("bash");
  const complete = async (...words: string[]) => {
    const quoted = words.map((word) => `'${word}'`).join(" ");
    const { stdout, stderr } = await new Deno.Command("bash", {
      args: [
        ...["--norc", "-c"],
        `complete() { :; }\n${script}\nCOMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}\n` +
        '_sam_deno; printf "%s\\n" "${COMPREPLY[@]}"',
      ],
      cwd: "/",
    }).output();
    assertEquals(new TextDecoder().decode(stderr), "");
    return new TextDecoder().decode(stdout).trim().split("\n");
  };
  assertEquals(await complete("sam-deno", "tr"), ["train"]);
  assertEquals(await complete("sam-deno", "--v"), ["--version"]);
  assertEquals(await complete("sam-deno", "train", "--sam-r"), ["--sam-rho"]);
  assertEquals(await complete("sam-deno", "train", "--schedule", "co"), ["cosine", "constant"]);
  assertEquals(await complete("sam-deno", "kernel", "in"), ["install"]);
  assert((await complete("sam-deno", "train", "--data-dir", "/et")).includes("/etc"));
});

Deno.test("completions: zsh and fish know every command and option", async () => {
  const [zsh, fish] = await Promise.all([scriptFor("zsh"), scriptFor("fish")]);
  assertStringIncludes(
    zsh,
    "'--schedule[Decay of the learning rate]: :(cosine exponential constant)'",
  );
  assertStringIncludes(zsh, "'--help[Show this]'");
  assertStringIncludes(
    fish,
    "complete -c sam-deno -n '__fish_seen_subcommand_from train' -l schedule -x -a " +
      "'cosine exponential constant' -d 'Decay of the learning rate'",
  );
  // In single quotes an apostrophe would end the word.
  for (const line of fish.trim().split("\n")) {
    assertEquals(line.replaceAll("\\'", "").split("'").length % 2, 1, line);
  }
});

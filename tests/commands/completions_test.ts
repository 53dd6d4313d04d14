/** Completion by shells, as they do it. @module */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { existsSync } from "node:fs";
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
  assertEquals(await complete("sam-deno", "export", "--to", "=", "fl"), ["flax"]);
  assertEquals(await complete("sam-deno", "export", "--to", "="), ["flax", "savedmodel", "tfjs"]);
  assertEquals(await complete("sam-deno", "train", "--dataset", "fa"), [
    ...["fashion_mnist", "fashion_mnist_small"],
  ]);
  assertEquals(await complete("sam-deno", "predict", "--model", "wide"), ["wide_resnet_"]);
  assertEquals(await complete("sam-deno", "profile", "--model", "cifar"), ["cifar_resnet_"]);
  // Names of files are bash's own, which quotes them and puts a slash behind folders; the command
  // `runs` is none, though a folder of that name is there.
  assertEquals(await complete("sam-deno", "train", "--data-dir", "/et"), [""]);
  assertEquals(await complete("sam-deno", "report", "my"), [""]);
  assertEquals(script.trimEnd().split("\n").at(-1), "complete -o default -F _sam_deno sam-deno");
});

for (const [shell, check] of [["zsh", "-n"], ["fish", "--no-execute"]] as const) {
  testUnless(missingShell(shell), `completions: ${shell} reads its script`, async () => {
    const file = await Deno.makeTempFile();
    await Deno.writeTextFile(file, await scriptFor(shell));
    const { code, stderr } = await new Deno.Command(shell, { args: [check, file] }).output();
    assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
    await Deno.remove(file);
  });
}

/** Why a shell cannot be asked. */
function missingShell(shell: string): string | undefined {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  const isThere = folders.some((folder) => existsSync(`${folder}/${shell}`));
  return isThere ? undefined : `there is no ${shell}`;
}

Deno.test("completions: zsh and fish know every command and option", async () => {
  const [zsh, fish] = await Promise.all([scriptFor("zsh"), scriptFor("fish")]);
  assertStringIncludes(
    zsh,
    "'--schedule=[Decay of the learning rate]: :{compadd -- cosine exponential constant}'",
  );
  assertStringIncludes(zsh, "'--help[Show this]'");
  assertStringIncludes(zsh, ' synthetic_32 imagenet; compadd -S "" -- folder\\: records\\:}');
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

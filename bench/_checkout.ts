import { UsageError } from "./_usage_error.ts";

/** Another commit of this repository, in a folder of its own until it is disposed. */
export interface Checkout extends AsyncDisposable {
  /** What tables call it: the commit's short name. */
  readonly name: string;
  readonly folder: string;
}

const root = `${import.meta.dirname}/..`;

/** @throws UsageError where git knows no such commit */
export async function checkOut(commit: string): Promise<Checkout> {
  const name = (await git("rev-parse", "--short", "--verify", `${commit}^{commit}`)).trim();
  const folder = await Deno.makeTempDir({ prefix: "sam_bench_" });
  await git("worktree", "add", "--detach", folder, name);
  return {
    name,
    folder,
    [Symbol.asyncDispose]: async () => {
      await git("worktree", "remove", "--force", folder);
    },
  };
}

async function git(...args: string[]): Promise<string> {
  const command = new Deno.Command("git", { args: ["-C", root, ...args], stderr: "piped" });
  const { success, stdout, stderr } = await command.output();
  if (success) return new TextDecoder().decode(stdout);
  const reason = new TextDecoder().decode(stderr).trim();
  throw new UsageError(`Cannot compare with another commit: git ${args.join(" ")}: ${reason}`);
}

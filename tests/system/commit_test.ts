import { assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { CLONE, commitOf, outputOf } from "../../lib/system/mod.ts";
import { withFolder } from "../train/_runs.ts";

/** Throws if git does. */
async function git(folder: string, ...args: string[]): Promise<string> {
  const user = ["-c", "user.name=a", "-c", "user.email=a@b.c"];
  const text = await outputOf(["git", "-C", folder, ...user], args);
  if (text === undefined) throw new Error(`git ${args.join(" ")} failed`);
  return text.trim();
}

Deno.test("the commit is git's: of a branch, packed or not, of a worktree, of none", () =>
  withFolder(async (folder) => {
    const clone = join(folder, "clone");
    await Deno.mkdir(clone);
    assertEquals(commitOf(clone), undefined);
    await git(clone, "init", "-q", "-b", "main");
    assertEquals(commitOf(clone), undefined);
    await git(clone, "commit", "-q", "--allow-empty", "-m", "first");
    const commit = await git(clone, "rev-parse", "HEAD");
    assertMatch(commit, /^[0-9a-f]{40}$/);
    assertEquals(commitOf(clone), commit);
    const tree = join(folder, "tree");
    await git(clone, "worktree", "add", "-q", "-b", "other", tree);
    assertEquals(commitOf(tree), commit);
    await git(clone, "pack-refs", "--all");
    assertEquals([commitOf(clone), commitOf(tree)], [commit, commit]);
    await git(tree, "checkout", "-q", "--detach");
    assertEquals(commitOf(tree), commit);
    assertEquals(commitOf(join(folder, "missing")), undefined);
  }));

Deno.test("this clone's commit is known where it has one", async () => {
  const found = await outputOf(["git", "-C", CLONE!], ["rev-parse", "HEAD"]);
  assertEquals(commitOf(), found?.trim());
});

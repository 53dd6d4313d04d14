import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CLONE } from "./package.ts";

/**
 * The commit of the clone that this module is run from, in hex; undefined outside a clone, and where git
 * keeps it in another way than most.
 *
 * @param clone the clone's folder; default this module's
 */
export function commitOf(clone: string | undefined = CLONE): string | undefined {
  if (clone === undefined) return undefined;
  try {
    const folder = gitFolder(clone);
    const head = readFileSync(join(folder, "HEAD"), "utf8").trim();
    if (!head.startsWith("ref: ")) return head;
    return commitOfBranch(folder, head.slice("ref: ".length));
  } catch {
    return undefined;
  }
}

/** In a worktree `.git` is a file that names it. */
function gitFolder(clone: string): string {
  const path = join(clone, ".git");
  try {
    const [, folder] = /^gitdir: (.*)$/m.exec(readFileSync(path, "utf8"))!;
    return resolve(clone, folder!);
  } catch {
    return path;
  }
}

/** A branch is a file, or a line of a file of many. */
function commitOfBranch(folder: string, name: string): string | undefined {
  const shared = textOf(join(folder, "commondir"));
  const common = shared === undefined ? folder : resolve(folder, shared);
  return textOf(join(common, name)) ??
    textOf(join(common, "packed-refs"))?.split("\n").find((line) => line.endsWith(` ${name}`))
      ?.split(" ")[0];
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
}

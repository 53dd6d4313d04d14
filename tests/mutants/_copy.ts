import { dirname, join } from "node:path";

/**
 * Copies a git checkout's files into a folder: tracked ones and new ones, as they are on the disk.
 *
 * @throws Error if the folder is no git checkout
 */
export async function copyCheckout(root: string, folder: string): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command("git", {
    args: ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    cwd: root,
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`Cannot list the files of ${root}: ${decoder.decode(stderr)}`);
  const files = new Set(decoder.decode(stdout).split("\0").filter((file) => file !== ""));
  for (const file of files) {
    const path = join(folder, file);
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.copyFile(join(root, file), path).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // deleted, and not committed
    });
  }
}

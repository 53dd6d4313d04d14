/** A program with its first arguments, for example `["python3", "-m", "pip"]`. */
export type Command = readonly [string, ...string[]];

/**
 * Runs a command to its end, in the folder `cwd` if one is given, and returns its output, or undefined
 * if there is no such program or it fails.
 */
export async function outputOf(
  [program, ...first]: Command,
  args: readonly string[],
  cwd?: string,
): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command(program, {
      args: [...first, ...args],
      ...cwd !== undefined && { cwd },
      stdin: "null",
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout) : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

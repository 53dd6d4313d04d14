import { type Command, outputOf } from "./program.ts";

/** The Python interpreters that are asked, in this order. */
export const PYTHONS: readonly Command[] = [["python3"], ["python"]];

/** The first Python that is there and succeeds with these arguments, and what it printed. */
export async function askPython(
  args: readonly string[],
): Promise<{ readonly program: string; readonly answer: string } | undefined> {
  for (const python of PYTHONS) {
    const answer = await outputOf(python, args);
    if (answer !== undefined) return { program: python[0], answer };
  }
  return undefined;
}

import type { Output } from "../../lib/terminal/mod.ts";

/** An output that keeps what is written. */
export function recorder(isTerminal: boolean, columns = 80): Output & { written: string[] } {
  const written: string[] = [];
  return { isTerminal, columns, written, write: (text: string) => void written.push(text) };
}

/** The lines that a terminal shows after what was written, which goes up only to write anew. */
export function screen(written: readonly string[]): string[] {
  const lines = [""];
  // deno-lint-ignore no-control-regex -- what is drawn by is looked for
  for (const [part, up, text] of written.join("").matchAll(/\r\x1b\[(\d+)A\x1b\[J|([^\r\x1b]+)/g)) {
    if (up !== undefined) lines.splice(lines.length - 1 - Number(up), Infinity, "");
    else if (text !== undefined) {
      const [first, ...rest] = text.split("\n");
      lines[lines.length - 1] += first!;
      lines.push(...rest);
    } else throw new Error(`It wrote ${part}`);
  }
  return lines;
}

import type { Output } from "../../lib/commands/_output.ts";

/** An output that keeps what is written. */
export function recorder(isTerminal: boolean, columns = 80): Output & { written: string[] } {
  const written: string[] = [];
  return { isTerminal, columns, written, write: (text: string) => void written.push(text) };
}

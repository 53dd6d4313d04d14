import { openBar } from "./bar.ts";
import type { Output } from "./output.ts";

/** One running transfer: a download, or files being unpacked. */
export interface Transfer {
  /** Says how many bytes are done so far. */
  update(bytes: number): void;
  /** Ends the transfer; `complete` fills the bar. */
  end(complete: boolean): void;
}

/** Where messages and transfers are shown. */
export interface TransferProgress {
  message(text: string): void;
  begin(label: string, bytes: number): Transfer;
}

/** Shows transfers: a bar on a terminal, a few calm lines elsewhere. */
export function transferProgress(output: Output): TransferProgress {
  return {
    message: (text) => output.write(`${text}\n`),
    begin: (label, bytes) =>
      output.isTerminal ? barOf(output, label, bytes) : linesOf(output, label, bytes),
  };
}

/** Whole lines only: the beginning, and each quarter of a long transfer. */
function linesOf(output: Output, label: string, bytes: number): Transfer {
  output.write(`${label} (${megabytes(bytes)})\n`);
  let quarter = 0;
  const update = (done: number) => {
    const reached = Math.min(4, Math.floor((4 * done) / bytes));
    if (reached <= quarter || bytes < 1e8) return;
    quarter = reached;
    output.write(`  ${25 * quarter} % (${megabytes(done)})\n`);
  };
  return { update, end: (complete) => complete && update(bytes) };
}

/** A bar with per cent and bytes. */
function barOf(output: Output, label: string, bytes: number): Transfer {
  const bar = openBar<{ readonly done: number }>(
    output,
    {
      total: bytes,
      width: 16,
      stays: true,
      line: (bar, { done }) => [
        `${label} ${bar} ${Math.floor(100 * done / bytes)} %`,
        `${megabytes(done)} of ${megabytes(bytes)}`,
      ],
    },
    0,
    { done: 0 },
  );
  const update = (bytesDone: number) => {
    const done = Math.min(bytesDone, bytes);
    bar.update(done, { done });
  };
  return {
    update,
    end(complete) {
      if (complete) update(bytes);
      bar.close();
    },
  };
}

function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${Math.round(bytes / 1e6)} MB`;
}

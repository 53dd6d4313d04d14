/** Showing how far a long task is: a bar on a terminal, a few calm lines elsewhere. */
import process from "node:process";
import cliProgress from "cli-progress";

/** One running task. */
export interface Task {
  /** Says how many bytes are done so far. */
  update(bytes: number): void;
  /** Ends the task; `complete` fills the bar. */
  end(complete: boolean): void;
}

/** Where messages and progress go. */
export interface Progress {
  message(text: string): void;
  task(label: string, bytes: number): Task;
}

/** The part of cli-progress that is used here; the package ships no types. */
interface Bar {
  start(total: number, value: number, payload: Record<string, string>): void;
  update(value: number, payload: Record<string, string>): void;
  stop(): void;
}
type BarConstructor = new (options: Record<string, unknown>) => Bar;

/** Says nothing. */
export const silent: Progress = {
  message() {},
  task: () => ({ update() {}, end() {} }),
};

/** Writes whole lines only: each task's begin, and each quarter of a long one. */
export function lineProgress(write: (text: string) => void): Progress {
  return {
    message: (text) => write(`${text}\n`),
    task(label, bytes) {
      write(`${label} (${megabytes(bytes)})\n`);
      let quarter = 0;
      const update = (done: number) => {
        const reached = Math.min(4, Math.floor((4 * done) / bytes));
        if (reached <= quarter || bytes < 1e8) return;
        quarter = reached;
        write(`  ${25 * quarter} % (${megabytes(done)})\n`);
      };
      return { update, end: (complete) => complete && update(bytes) };
    },
  };
}

/** Draws a bar with bytes and percent on the terminal behind standard error. */
export function barProgress(): Progress {
  const { SingleBar } = cliProgress as { SingleBar: BarConstructor };
  return {
    message: (text) => process.stderr.write(`${text}\n`),
    task(label, bytes) {
      const bar = new SingleBar({
        format: "{label} [{bar}] {percentage} % | {size}",
        stream: process.stderr,
        barsize: 16,
        fps: 5,
      });
      const size = (done: number) => ({ label, size: `${megabytes(done)} of ${megabytes(bytes)}` });
      bar.start(bytes, 0, size(0));
      return {
        update: (done) => bar.update(Math.min(done, bytes), size(Math.min(done, bytes))),
        end(complete) {
          if (complete) bar.update(bytes, size(bytes));
          bar.stop();
        },
      };
    },
  };
}

function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${Math.round(bytes / 1e6)} MB`;
}

import { Buffer } from "node:buffer";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** Bytes read ahead: the names and sizes between two large arrays fit in. */
const WINDOW = 1 << 16;

/** A file that is read from front to back through a small window, or directly at any position. */
export class FileReader {
  readonly size: number;
  /** Where the next byte is read. */
  position = 0;
  readonly #file: number;
  readonly #window = Buffer.alloc(WINDOW);
  #start = 0;
  #end = 0;

  /** @throws Error of the system if the file cannot be opened */
  constructor(path: string) {
    this.#file = openSync(path, "r");
    this.size = fstatSync(this.#file).size;
  }

  /**
   * The next few bytes, as a view that is valid until the next call.
   *
   * @throws EndOfFile if there are fewer
   */
  next(count: number): Buffer {
    const from = this.position;
    this.skip(count);
    if (from < this.#start || this.position > this.#end) {
      this.#start = from;
      this.#end = from + readSync(this.#file, this.#window, 0, WINDOW, from);
      if (this.position > this.#end) throw new EndOfFile(from, count, this.#end);
    }
    return this.#window.subarray(from - this.#start, this.position - this.#start);
  }

  /** @throws EndOfFile if there are fewer bytes */
  skip(count: number): void {
    if (count > this.size - this.position) throw new EndOfFile(this.position, count, this.size);
    this.position += count;
  }

  /** Fills memory with the bytes from a position on. @throws EndOfFile if there are too few */
  readInto(target: Uint8Array, position: number): void {
    for (let done = 0; done < target.length;) {
      const count = readSync(this.#file, target, done, target.length - done, position + done);
      if (count === 0) throw new EndOfFile(position, target.length, position + done);
      done += count;
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** A file has fewer bytes than it promises. */
export class EndOfFile extends Error {
  constructor(position: number, count: number, size: number) {
    super(`it ends at byte ${size}, where ${count} bytes from ${position} on are needed`);
  }
}

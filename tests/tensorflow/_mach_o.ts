/** Reading which symbols a 64-bit Mach-O library defines and exports (`mach-o/loader.h`). @module */
import { readView } from "./_read_view.ts";

const MAGIC_64 = 0xfeedfacf, ARM64 = 0x0100000c;
const LC_SYMTAB = 0x2, HEADER_BYTES = 32, SYMBOL_BYTES = 16;
/** Of a symbol's type: external, debugging, and where it is defined. */
const EXTERNAL = 0x01, DEBUGGING = 0xe0, DEFINITION = 0x0e, UNDEFINED = 0x0;

/**
 * The exported symbols of a library for Apple silicon that are among `wanted`, without the underscore
 * that C's names have in front.
 *
 * @throws Error for another format or processor
 */
export async function machOExports(
  path: string,
  wanted: ReadonlySet<string>,
): Promise<Set<string>> {
  using file = await Deno.open(path);
  const header = await readView(file, 0, HEADER_BYTES);
  if (header.getUint32(0, true) !== MAGIC_64 || header.getUint32(4, true) !== ARM64) {
    throw new Error(`Cannot read ${path}: it is no 64-bit Mach-O library for arm64`);
  }
  const commands = await readView(file, HEADER_BYTES, header.getUint32(20, true));
  for (let at = 0; at < commands.byteLength; at += commands.getUint32(at + 4, true)) {
    if (commands.getUint32(at, true) !== LC_SYMTAB) continue;
    const [symbols, count, strings, size] = [8, 12, 16, 20]
      .map((offset) => commands.getUint32(at + offset, true));
    const table = await readView(file, symbols!, count! * SYMBOL_BYTES);
    const names = await readView(file, strings!, size!);
    return new Set(namesOf(table, names).filter((name) => wanted.has(name)));
  }
  throw new Error(`Cannot read ${path}: it has no symbol table`);
}

function namesOf(table: DataView, names: DataView): string[] {
  const bytes = new Uint8Array(names.buffer);
  const found: string[] = [];
  const decoder = new TextDecoder();
  for (let at = 0; at < table.byteLength; at += SYMBOL_BYTES) {
    const type = table.getUint8(at + 4);
    const isExported = (type & EXTERNAL) !== 0 && (type & DEBUGGING) === 0 &&
      (type & DEFINITION) !== UNDEFINED;
    const start = table.getUint32(at, true) + 1;
    if (!isExported || bytes[start - 1] !== "_".charCodeAt(0)) continue;
    found.push(decoder.decode(bytes.subarray(start, bytes.indexOf(0, start))));
  }
  return found;
}

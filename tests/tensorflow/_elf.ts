/** Reading which symbols a 64-bit ELF library for aarch64 exports (`elf.h`). @module */
import { readView } from "./_read_view.ts";

const MAGIC = 0x464c457f, AARCH64 = 183;
const DYNAMIC_SYMBOLS = 11, SYMBOL_BYTES = 24;
const GLOBAL = 1, WEAK = 2;

/**
 * The exported symbols of a library that are among `wanted`.
 *
 * @throws Error for another format or processor
 */
export async function elfExports(path: string, wanted: ReadonlySet<string>): Promise<Set<string>> {
  using file = await Deno.open(path);
  const header = await readView(file, 0, 64);
  if (header.getUint32(0, true) !== MAGIC || header.getUint16(18, true) !== AARCH64) {
    throw new Error(`Cannot read ${path}: it is no 64-bit ELF library for aarch64`);
  }
  const offset = Number(header.getBigUint64(40, true));
  const [size, count] = [header.getUint16(58, true), header.getUint16(60, true)];
  const sections = await readView(file, offset, size * count);
  const section = (index: number) => ({
    type: sections.getUint32(index * size + 4, true),
    offset: Number(sections.getBigUint64(index * size + 24, true)),
    bytes: Number(sections.getBigUint64(index * size + 32, true)),
    link: sections.getUint32(index * size + 40, true),
  });
  const all = Array.from({ length: count }, (_, index) => section(index));
  const dynamic = all.find(({ type }) => type === DYNAMIC_SYMBOLS);
  if (!dynamic) throw new Error(`Cannot read ${path}: it has no dynamic symbols`);
  const strings = all[dynamic.link]!;
  const table = await readView(file, dynamic.offset, dynamic.bytes);
  const names = new Uint8Array((await readView(file, strings.offset, strings.bytes)).buffer);
  const found = new Set<string>();
  const decoder = new TextDecoder();
  for (let at = 0; at < table.byteLength; at += SYMBOL_BYTES) {
    const binding = table.getUint8(at + 4) >> 4;
    const isDefined = table.getUint16(at + 6, true) !== 0;
    if (!isDefined || (binding !== GLOBAL && binding !== WEAK)) continue;
    const start = table.getUint32(at, true);
    const name = decoder.decode(names.subarray(start, names.indexOf(0, start)));
    if (wanted.has(name)) found.add(name);
  }
  return found;
}

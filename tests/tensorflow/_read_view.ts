/** A part of a file. */
export async function readView(
  file: Deno.FsFile,
  offset: number,
  length: number,
): Promise<DataView> {
  await file.seek(offset, Deno.SeekMode.Start);
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const count = await file.read(bytes.subarray(at));
    if (count === null) throw new Error("Cannot read the library: it ends too early");
    at += count;
  }
  return new DataView(bytes.buffer);
}

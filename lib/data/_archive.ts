/** Data sets that are published as one tar.gz. @module */
import { join } from "node:path";
import { extract } from "tar";
import { isThere, missing, type OfficialFile } from "./_provide.ts";
import { DataError } from "./data_error.ts";
import { download } from "./download.ts";
import type { LoadOptions } from "./load_options.ts";

/** An archive with one folder. */
export interface Archive extends OfficialFile {
  /** The folder in it. */
  readonly folder: string;
  /** The files of that folder that are needed. */
  readonly members: readonly string[];
}

/**
 * Sees to it that an archive's folder is below `parent`: downloads the archive, unpacks it beside
 * its place, moves the whole folder there and removes the archive.
 *
 * @throws DataError if files are missing and cannot be had
 */
export async function provideArchive(
  archive: Archive,
  parent: string,
  { download: allowed = true, onProgress, signal }: LoadOptions,
): Promise<void> {
  const { folder, members, name, bytes, sha256, urls } = archive;
  const target = join(parent, folder);
  const absent: string[] = [];
  for (const member of members) {
    if (!await isThere(join(target, member))) absent.push(member);
  }
  if (absent.length === 0) return;
  if (!allowed) throw missing(join(target, absent[0]!), target);
  const packed = join(parent, name);
  await download(urls, packed, { bytes, sha256, onProgress, signal });
  try {
    await Deno.mkdir(target, { recursive: true });
    const unpacked = await Deno.makeTempDir({ dir: parent, prefix: `${folder}.` });
    try {
      const wanted = new Set(absent.map((member) => `${folder}/${member}`));
      await extract({
        file: packed,
        cwd: unpacked,
        strict: true,
        filter: (path) => wanted.has(path),
      });
      for (const member of absent) {
        await Deno.rename(join(unpacked, folder, member), join(target, member));
      }
    } finally {
      await Deno.remove(unpacked, { recursive: true });
    }
    await Deno.remove(packed);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : cause;
    throw new DataError(
      `Cannot unpack ${packed} into ${target}: ${reason}; free some space there, or unpack it by ` +
        "hand",
      packed,
      { cause },
    );
  }
}

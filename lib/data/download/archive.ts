/** Data sets that are published as one tar.gz. @module */
import { join } from "node:path";
import { extract } from "tar";
import { reasonOf } from "../../system/mod.ts";
import { lock } from "./_locked_file.ts";
import { onDisk } from "./_on_disk.ts";
import { DataError } from "../data_error.ts";
import { download } from "./download.ts";
import { isThere, missing, type OfficialFile, type ProvideOptions } from "./provide.ts";

/** An archive with one folder. */
export interface Archive extends OfficialFile {
  /** The folder in it. */
  readonly folder: string;
  /** The files of that folder that are needed. */
  readonly members: readonly string[];
}

/**
 * Ensures that an archive's folder is below `parent`: downloads the archive, unpacks it beside
 * its place, moves the whole folder there and removes the archive.
 *
 * @throws DataError if files are missing and cannot be fetched
 */
export async function provideArchive(
  archive: Archive,
  parent: string,
  { download: allowed = true, onProgress, signal }: ProvideOptions,
): Promise<void> {
  const target = join(parent, archive.folder);
  const absent = await absentOf(archive, target);
  if (absent.length === 0) return;
  if (!allowed) throw missing(join(target, absent[0]!), target);
  await onDisk(parent, () => Deno.mkdir(parent, { recursive: true }));
  const packed = join(parent, archive.name);
  // One lock for all of it: who waited finds what the other process has unpacked.
  using _lock = await lock(`${packed}.lock`, signal);
  const stillAbsent = await absentOf(archive, target);
  if (stillAbsent.length === 0) return;
  const { bytes, sha256, urls } = archive;
  await download(urls, packed, { bytes, sha256, onProgress, signal });
  await unpack(packed, archive.folder, stillAbsent, parent);
}

/** The members that are not in the folder. */
async function absentOf({ members }: Archive, target: string): Promise<string[]> {
  const absent: string[] = [];
  for (const member of members) {
    if (!await isThere(join(target, member))) absent.push(member);
  }
  return absent;
}

/** Moves members of an archive's folder below `parent`, and removes the archive. */
async function unpack(
  packed: string,
  folder: string,
  members: readonly string[],
  parent: string,
): Promise<void> {
  const target = join(parent, folder);
  try {
    await Deno.mkdir(target, { recursive: true });
    const unpacked = await Deno.makeTempDir({ dir: parent, prefix: `${folder}.` });
    try {
      const wanted = new Set(members.map((member) => `${folder}/${member}`));
      await extract({
        file: packed,
        cwd: unpacked,
        strict: true,
        filter: (path) => wanted.has(path),
      });
      for (const member of members) {
        await Deno.rename(join(unpacked, folder, member), join(target, member));
      }
    } finally {
      await Deno.remove(unpacked, { recursive: true });
    }
    await Deno.remove(packed);
  } catch (cause) {
    const reason = reasonOf(cause);
    throw new DataError(
      `Cannot unpack ${packed} into ${target}: ${reason}; free some space there, or unpack it by ` +
        "hand",
      packed,
      { cause },
    );
  }
}

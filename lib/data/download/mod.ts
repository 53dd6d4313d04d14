/**
 * Official files and archives, fetched once and checked.
 *
 * @module
 */
export { type Archive, provideArchive } from "./archive.ts";
export { download, type DownloadOptions, type DownloadProgress } from "./download.ts";
export { type OfficialFile, provide, type ProvideOptions } from "./provide.ts";

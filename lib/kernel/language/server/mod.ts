/**
 * Deno's language server, which knows the types of a project and of what it imports.
 *
 * @module
 */
export { LanguageServer, type Place, type ServerOptions } from "./_server.ts";
export { configFolder } from "./_config_folder.ts";

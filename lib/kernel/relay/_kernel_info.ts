import type { Json } from "../wire/mod.ts";

/** What clients ask first. */
export const KERNEL_INFO: Json = {
  status: "ok",
  protocol_version: "5.4",
  implementation: "deno-relay",
  implementation_version: Deno.version.deno,
  language_info: {
    name: "typescript",
    version: Deno.version.typescript,
    mimetype: "text/x.typescript",
    file_extension: ".ts",
    pygments_lexer: "typescript",
    codemirror_mode: "typescript",
    nbconvert_exporter: "script",
  },
  banner: `Deno ${Deno.version.deno}, TypeScript ${Deno.version.typescript}\n` +
    "Cells run with all permissions",
  help_links: [{ text: "Deno", url: "https://docs.deno.com/" }],
  supported_features: [],
};

import ts from "typescript";

export interface Completions {
  readonly matches: readonly string[];
  /** Where the word to replace starts. */
  readonly start: number;
}

export interface Inspection {
  readonly signature: string;
  readonly documentation: string;
}

const FILE = "/notebook.ts", LIBRARY = "/deno.d.ts";
/** The more, the less readable. */
const MAX_MATCHES = 500;

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleDetection: ts.ModuleDetectionKind.Force,
  strict: true,
  noLib: true,
  types: [],
};

/**
 * The cells evaluated so far as one file for TypeScript's language service, which answers questions
 * about the next. Imported modules are not followed: what comes from them has no type here.
 */
export class Notebook {
  readonly #cells: string[] = [];
  #text = "";
  #version = 0;
  #service: ts.LanguageService | undefined;

  remember(code: string): void {
    this.#cells.push(code);
  }

  complete(code: string, cursor: number): Completions {
    const offset = this.#show(code);
    const start = cursor - (/[\p{ID_Continue}$]*$/u.exec(code.slice(0, cursor))?.[0].length ?? 0);
    const word = code.slice(start, cursor);
    const found = this.#languageService().getCompletionsAtPosition(FILE, offset + cursor, {});
    const matches = (found?.entries ?? [])
      .filter(({ name, kind }) => name.startsWith(word) && kind !== ts.ScriptElementKind.warning)
      .toSorted((a, b) => a.sortText.localeCompare(b.sortText))
      .map(({ name }) => name)
      .slice(0, MAX_MATCHES);
    return { matches, start };
  }

  /** What is known about the name at the cursor, or just in front of it. */
  inspect(code: string, cursor: number): Inspection | undefined {
    const offset = this.#show(code);
    const service = this.#languageService();
    const info = service.getQuickInfoAtPosition(FILE, offset + cursor) ??
      service.getQuickInfoAtPosition(FILE, offset + Math.max(0, cursor - 1));
    const signature = ts.displayPartsToString(info?.displayParts);
    if (!info || signature === "" || signature === "any") return undefined;
    const tags = (info.tags ?? []).map(({ name, text }) =>
      `@${name} ${ts.displayPartsToString(text)}`.trimEnd()
    );
    const documentation = [ts.displayPartsToString(info.documentation), ...tags].join("\n").trim();
    return { signature, documentation };
  }

  /** Puts a cell behind the earlier ones; returns where it starts. */
  #show(code: string): number {
    const earlier = this.#cells.map((cell) => `${cell}\n;\n`).join("");
    this.#text = earlier + code;
    this.#version++;
    return earlier.length;
  }

  #languageService(): ts.LanguageService {
    return this.#service ??= ts.createLanguageService(this.#host());
  }

  #host(): ts.LanguageServiceHost {
    const library = ts.ScriptSnapshot.fromString(denoTypes());
    return {
      getCompilationSettings: () => OPTIONS,
      getScriptFileNames: () => [LIBRARY, FILE],
      getScriptVersion: (file) => file === FILE ? String(this.#version) : "1",
      getScriptSnapshot: (file) =>
        file === FILE
          ? ts.ScriptSnapshot.fromString(this.#text)
          : file === LIBRARY
          ? library
          : undefined,
      getCurrentDirectory: () => "/",
      getDefaultLibFileName: () => LIBRARY,
      fileExists: (file) => file === FILE || file === LIBRARY,
      readFile: () => undefined,
    };
  }
}

/** The declarations of everything that Deno puts into the global scope, JavaScript's own included. */
function denoTypes(): string {
  const { stdout } = new Deno.Command(Deno.execPath(), {
    args: ["types"],
    stdin: "null",
    stderr: "null",
    env: { NO_COLOR: "1" },
  }).outputSync();
  return new TextDecoder().decode(stdout);
}

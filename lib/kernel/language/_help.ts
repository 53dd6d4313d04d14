import { isJson, type Json } from "../wire/mod.ts";

/** The more, the less readable. */
const MAX_MATCHES = 500;
/** Names of the protocol's kinds of completions, as JupyterLab shows them. */
const KINDS: Readonly<Record<number, string>> = {
  2: "method",
  3: "function",
  4: "class",
  5: "property",
  6: "variable",
  7: "class",
  8: "interface",
  9: "module",
  10: "property",
  13: "enum",
  14: "keyword",
  21: "constant",
  25: "type",
};

/** A cell that only asks: `name?`, as in IPython, where it may also be `?name` or `name??`. */
const QUESTION =
  /^\s*(?:\?{1,2}\s*([\p{ID_Start}$_][\p{ID_Continue}$.]*)|([\p{ID_Start}$_][\p{ID_Continue}$.]*)\s*\?{1,2})\s*$/u;

export interface Completion {
  readonly name: string;
  readonly type: string;
}

/** The name that a cell asks about; undefined for cells that are code. */
export function nameInQuestion(code: string): string | undefined {
  const [, behind, before] = QUESTION.exec(code) ?? [];
  return behind ?? before;
}

/** The completions of a word, of the server's answer. */
export function completionsIn(answer: unknown, word: string): Completion[] {
  const items = isJson(answer) ? answer.items : answer;
  if (!Array.isArray(items)) return [];
  return items.filter(isJson)
    .filter(({ label, kind }) => typeof label === "string" && kind !== 1 && label.startsWith(word))
    .toSorted((a, b) => String(a.sortText).localeCompare(String(b.sortText)))
    .slice(0, MAX_MATCHES)
    .map(({ label, kind }) => ({
      name: String(label).replace(/\?$/, ""), // the sign of what may be missing
      type: KINDS[Number(kind)] ?? "",
    }));
}

/** The Markdown of a hover; undefined where the server knows nothing. */
export function hoverIn(answer: unknown): string | undefined {
  if (!isJson(answer)) return undefined;
  const { contents } = answer;
  const parts = Array.isArray(contents) ? contents : [contents];
  const text = parts.map((part) => {
    if (!isJson(part)) return String(part ?? "");
    return part.language === undefined
      ? String(part.value)
      : `\`\`\`${part.language}\n${part.value}\n\`\`\``;
  }).join("\n\n").trim();
  return text === "" || /^```\w*\nany\n```$/.test(text) ? undefined : text;
}

/** The Markdown of a call's signature, with what is said of the argument at the cursor. */
export function signatureIn(answer: unknown): string | undefined {
  if (!isJson(answer) || !Array.isArray(answer.signatures)) return undefined;
  const signature: unknown = answer.signatures[Number(answer.activeSignature ?? 0)];
  if (!isJson(signature)) return undefined;
  const parameters = Array.isArray(signature.parameters) ? signature.parameters : [];
  const parameter: unknown = parameters[Number(answer.activeParameter ?? 0)];
  const about = isJson(parameter) ? documentationIn(parameter) : "";
  const label = isJson(parameter) && about !== "" ? `**${parameter.label}**: ${about}` : "";
  return [`\`\`\`ts\n${signature.label}\n\`\`\``, label, documentationIn(signature)]
    .filter((part) => part !== "").join("\n\n");
}

function documentationIn({ documentation }: Json): string {
  return String((isJson(documentation) ? documentation.value : documentation) ?? "");
}

/** Markdown without the fences around code: a terminal shows it so. */
export function plainOf(markdown: string): string {
  return markdown.replace(/^```\w*\n|\n```$/gm, "").replace(/\n{3,}/g, "\n\n");
}

/**
 * A text as content or as a quoted attribute of HTML or SVG.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { escapeMarkup } from "sam/plots";
 *
 * assertEquals(escapeMarkup("a < b"), "a &lt; b");
 * ```
 */
export function escapeMarkup(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** A value as JSON that may stand inside a `<script>` element. */
export function escapeJson(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}

/**
 * JavaScript source that may stand inside a `<script>` element: what would end the element, or
 * begin a comment in it, only occurs in strings and regular expressions, where `\/` is `/` and
 * `\!` is `!`.
 */
export function escapeScript(source: string): string {
  return source
    .replace(/^\/\/# sourceMappingURL=.*$/m, "")
    .replace(/<\/(?=script)/gi, "<\\/")
    .replaceAll("<!--", "<\\!--");
}

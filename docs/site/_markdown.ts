import { Marked, type Tokens } from "marked";

/** A page's Markdown as markup, and what a search looks through. */
export interface Rendered {
  readonly html: string;
  readonly sections: readonly Section[];
}

/** A heading with the text below it. */
export interface Section {
  readonly id: string;
  readonly heading: string;
  readonly depth: number;
  readonly text: string;
}

/**
 * Renders Markdown as GitHub does, with the same anchors of headings.
 *
 * @param resolve where a link or a picture leads on the site; undefined where the site has nothing
 */
export function render(
  markdown: string,
  resolve: (href: string) => string | undefined,
): Rendered {
  const ids = new Map<string, number>();
  const sections: { id: string; heading: string; depth: number; text: string }[] = [];
  const marked = new Marked({ gfm: true });
  marked.use({
    renderer: {
      heading({ tokens, depth }: Tokens.Heading) {
        const html = this.parser.parseInline(tokens);
        const heading = plain(html);
        const id = anchorOf(heading, ids);
        sections.push({ id, heading, depth, text: "" });
        return `<h${depth} id="${id}">${html} <a class="anchor" href="#${id}" ` +
          `aria-label="Link to this section">#</a></h${depth}>\n`;
      },
      link({ href, tokens }: Tokens.Link) {
        const text = this.parser.parseInline(tokens);
        const target = resolve(href);
        if (target !== undefined) return `<a href="${escape(target)}">${text}</a>`;
        return `<span class="path" title="${escape(href)} in the repository">${text}</span>`;
      },
      image({ href, text }: Tokens.Image) {
        return `<img src="${escape(resolve(href) ?? href)}" alt="${escape(text)}">`;
      },
      table(token: Tokens.Table) {
        const cells = (row: Tokens.TableCell[], tag: string) =>
          row.map(({ tokens, align }) => {
            const style = align ? ` style="text-align:${align}"` : "";
            return `<${tag}${style}>${this.parser.parseInline(tokens)}</${tag}>`;
          }).join("");
        const rows = token.rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("\n");
        return `<div class="table"><table><thead><tr>${cells(token.header, "th")}</tr></thead>` +
          `<tbody>${rows}</tbody></table></div>\n`;
      },
    },
  });
  const tokens = marked.lexer(markdown);
  const html = tokens.map((token) => {
    const part = marked.parser([token]);
    if (token.type !== "heading" && sections.length > 0) {
      sections.at(-1)!.text += ` ${plain(part)}`;
    }
    return part;
  }).join("");
  return { html, sections };
}

/** The anchor of a heading; of a second one of the same words, GitHub's `-1`. */
function anchorOf(heading: string, ids: Map<string, number>): string {
  const base = heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").trim()
    .replaceAll(/\s/g, "-");
  const count = ids.get(base) ?? 0;
  ids.set(base, count + 1);
  return count === 0 ? base : `${base}-${count}`;
}

/** The words of markup. */
function plain(html: string): string {
  const characters: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"', "#39": "'" };
  return html.replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/&(lt|gt|amp|quot|#39);/g, (_, name) => characters[name]!)
    .replaceAll(/\s+/g, " ").trim();
}

/** A text as part of markup. */
export function escape(text: string): string {
  const names: Record<string, string> = { "&": "amp", "<": "lt", ">": "gt", '"': "quot" };
  return text.replaceAll(/[&<>"]/g, (character) => `&${names[character]};`);
}

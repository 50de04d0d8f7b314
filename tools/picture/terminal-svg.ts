/** A piece of a line that has one look. */
interface Span {
  readonly text: string;
  readonly classes: readonly string[];
}

const COLUMNS = 110;
const FONT_SIZE_PX = 13;
const CHARACTER_WIDTH_PX = 7.83;
const LINE_HEIGHT_PX = 19;
const MARGIN_PX = 20;
const BAR_HEIGHT_PX = 36;

/** Select Graphic Rendition parameters (ECMA-48, 8.3.117) that Slipway's reports use; 0 and closers end a look. */
const LOOKS: Readonly<Record<number, string>> = {
  1: "bold",
  2: "dim",
  31: "red",
  32: "green",
  33: "yellow",
  34: "blue",
  35: "magenta",
  36: "cyan",
};
const ENDS: Readonly<Record<number, readonly string[]>> = {
  22: ["bold", "dim"],
  39: ["red", "green", "yellow", "blue", "magenta", "cyan"],
};

const STYLE = `
  text { font: ${FONT_SIZE_PX}px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d7dde5; white-space: pre; }
  .bold { font-weight: 600; fill: #ffffff; } .dim { fill: #8b98a9; }
  .red { fill: #ff7b72; } .green { fill: #7ee787; } .yellow { fill: #f2cc60; }
  .blue { fill: #79c0ff; } .magenta { fill: #d2a8ff; } .cyan { fill: #76e3ea; }`;

/** What a terminal showed, as a picture: text stays text, so it can be read aloud, searched and compared. */
export function terminalSvg(title: string, ansi: string): string {
  let look: readonly string[] = [];
  const rows = ansi
    .trimEnd()
    .split("\n")
    .flatMap((line) => {
      const parsed = spansOf(line, look);
      look = parsed.look;
      return wrapped(parsed.spans);
    });
  const longest = Math.max(
    title.length,
    ...rows.map((spans) => spans.reduce((sum, { text }) => sum + text.length, 0)),
  );
  const width = Math.ceil(longest * CHARACTER_WIDTH_PX + 2 * MARGIN_PX);
  const height = BAR_HEIGHT_PX + rows.length * LINE_HEIGHT_PX + 2 * MARGIN_PX;
  const texts = rows.map((spans, at) => {
    const y = BAR_HEIGHT_PX + MARGIN_PX + FONT_SIZE_PX + at * LINE_HEIGHT_PX;
    return `  <text x="${MARGIN_PX}" y="${y}" xml:space="preserve">${spans.map(spanSvg).join("")}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `  <title>${escaped(title)}</title>`,
    `  <style>${STYLE}\n  </style>`,
    `  <rect width="${width}" height="${height}" rx="8" fill="#10151c"/>`,
    `  <text x="${MARGIN_PX}" y="${MARGIN_PX + 4}" class="dim">${escaped(title)}</text>`,
    ...texts.filter((_, at) => rows[at]?.length !== 0),
    "</svg>",
    "",
  ].join("\n");
}

function spansOf(
  line: string,
  before: readonly string[],
): { spans: readonly Span[]; look: readonly string[] } {
  let look = before;
  const spans: Span[] = [];
  for (const part of line.split(/(\u001b\[[\d;]*m)/)) {
    const [, codes] = /^\u001b\[([\d;]*)m$/.exec(part) ?? [];
    if (codes !== undefined) look = codes.split(";").map(Number).reduce(changed, look);
    else if (part !== "") spans.push({ text: part, classes: look });
  }
  return { spans, look };
}

/** Goes on in the next row where the terminal ends, as terminals do. */
function wrapped(spans: readonly Span[]): Span[][] {
  const rows: Span[][] = [[]];
  let free = COLUMNS;
  for (const { text, classes } of spans) {
    for (let rest = text; rest !== "";) {
      if (free === 0) {
        rows.push([]);
        free = COLUMNS;
      }
      const part = rest.slice(0, free);
      rows.at(-1)?.push({ text: part, classes });
      rest = rest.slice(part.length);
      free -= part.length;
    }
  }
  return rows;
}

function changed(look: readonly string[], code: number): readonly string[] {
  if (code === 0) return [];
  const ended = ENDS[code];
  if (ended) return look.filter((name) => !ended.includes(name));
  const begun = LOOKS[code];
  return begun === undefined ? look : [...look.filter((name) => name !== begun), begun];
}

function spanSvg({ text, classes }: Span): string {
  return classes.length === 0
    ? escaped(text)
    : `<tspan class="${classes.join(" ")}">${escaped(text)}</tspan>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

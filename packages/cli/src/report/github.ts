interface Place {
  readonly title: string;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/**
 * A line that GitHub Actions shows beside the code, or on top of the job.
 * Source: docs.github.com/actions/reference/workflows-and-actions/workflow-commands.
 */
export function annotation(kind: "error" | "warning" | "notice", place: Place, message: string): string {
  const { title, file, line, column: col } = place;
  const properties = Object.entries({ file, line, col, title }).flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [`${name}=${escapedProperty(String(value))}`],
  );
  return `::${kind} ${properties.join(",")}::${escaped(message)}`;
}

/** Lines that stand below a title and are folded away. Source: as for `annotation`. */
export function group(title: string, lines: string): string {
  return `::group::${escaped(title)}\n${lines}\n::endgroup::`;
}

function escaped(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapedProperty(text: string): string {
  return escaped(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

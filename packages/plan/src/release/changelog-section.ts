/**
 * What a changelog tells of one version: the lines below its heading, up to the next heading of the same depth or above.
 *
 * @returns null when it has no heading for the version
 */
export function changelogSection(text: string, version: string): string | null {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const found: string[] = [];
  let depth = 0;
  let fence: string | null = null;
  for (const line of lines) {
    const [mark] = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.slice(1) ?? [];
    if (mark !== undefined) fence = fence === null ? mark : line.trim().startsWith(fence) ? null : fence;
    const [, hashes = "", title = ""] = (fence === null && /^(#{1,6})\s+(.*)$/.exec(line)) || [];
    if (depth > 0 && hashes !== "" && hashes.length <= depth) break;
    if (depth > 0) found.push(line);
    else if (hashes !== "" && namesVersion(title, version)) depth = hashes.length;
  }
  return depth === 0 ? null : found.join("\n").trim();
}

/** `1.2.0`, `[1.2.0](…)`, `v1.2.0 (2026-01-02)`, `@acme/a@1.2.0`; not `1.2.0-beta.1` nor `11.2.0`. */
function namesVersion(title: string, version: string): boolean {
  return title.split(/[\s[\]()]+/).some((word) => {
    return word === version || word === `v${version}` || word.endsWith(`@${version}`);
  });
}

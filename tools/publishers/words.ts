/** The one line of what a publisher printed that says what went wrong, without addresses; null when nothing did. */
export function complaintOf(output: string): string | null {
  const lines = output
    // A sentence of pnpm goes on in the next line.
    .replaceAll(/\n\s*│\s*/g, " ")
    .split("\n")
    .map((line) =>
      line
        .replaceAll(/https?:\/\/127\.0\.0\.1:\d+\//g, "/")
        .replaceAll(/\s+/g, " ")
        .trim(),
    );
  const found = lines.find((line) => telling.test(line) && !bland.test(line));
  if (found === undefined) return null;
  const plain = found
    .replace(/^(npm error|lerna ERR!|🦋 error|Error: ×|×|└) */, "")
    .replace(/^\d{3} (?=\d{3})/, "")
    .replace(/^"message": "(.*)"$/, "$1");
  return plain.length > 140 ? `${plain.slice(0, 139)}…` : plain;
}

const telling = /^(npm error|lerna ERR!|🦋 error "message"|error\[|Error: ×|×|└|EUNCOMMIT)/;
const bland =
  /^npm error (code|errno|syscall) |A complete log|failed to publish:$|is not a valid exit code|ERR_PNPM_FAILED_TO_PUBLISH$/;

/** The packages that a publisher's output calls published, or there already. */
export function calledPublished(output: string): ReadonlySet<string> {
  const named = new Set<string>();
  let [isList, packed] = [false, ""];
  for (const line of output.split("\n")) {
    const one = singles.exec(line)?.[1];
    if (one !== undefined) named.add(one);
    // nx names the package first, and then says that it is out.
    packed = /^📦\s+(@trial\/p\d+)@/.exec(line)?.[1] ?? packed;
    if (line.startsWith("Published to")) named.add(packed);
    const listed: string | undefined = /^(?:🦋)?\s*(@trial\/p\d+)@/.exec(line)?.[1];
    if (isList && listed !== undefined) named.add(listed);
    else isList = listings.test(line);
  }
  return named;
}

const singles =
  /(?:^\+ |Published package |success published |Skipped package "|New tag:\s+)(@trial\/p\d+)(?=[@ "])/;
const listings = /^released \d+ package|[Ss]uccessfully published:|packages published successfully:/;

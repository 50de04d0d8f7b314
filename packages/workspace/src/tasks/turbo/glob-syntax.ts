/** Why turbo cannot read a glob; null when it can. Its globs know no groups in parentheses, and commas only within braces. */
export function syntaxFault(glob: string): string | null {
  if (glob.includes("//")) return `"//" names nothing`;
  if (glob.includes("***")) return `"***" means nothing`;
  let depth = 0;
  for (let at = 0; at < glob.length; at++) {
    const sign = glob[at] ?? "";
    if (sign === "\\") at++;
    else if (sign === "[") {
      const found = /^\[[!^]?([^[\]]+)\]/.exec(glob.slice(at));
      if (!found) return `"[" is not closed`;
      if (/^-|-$/.test(found[1] ?? "")) return `"-" stands between two characters of "[...]"`;
      at += found[0].length - 1;
    } else if (sign === "]") return `"]" closes nothing`;
    else if (sign === "(" || sign === ")") return `"${sign}" must have a backslash before it`;
    else if (sign === "{") depth++;
    else if (sign === "," && depth === 0) return `"," stands outside of braces`;
    else if (sign === "}" && --depth < 0) return `"}" closes nothing`;
    if (depth > 0 && /^[{,][,}]/.test(glob.slice(at, at + 2))) return "an alternative in braces is empty";
  }
  return depth > 0 ? `"{" is not closed` : null;
}

const moduleName =
  /\b(?:from|import|require(?:\.resolve)?)(?:\s|\(|\/\*[\s\S]*?\*\/|\/\/[^\n]*\n)*(["'`])((?:(?!\1)[^\\\n]|\\.)*)\1/g;

/**
 * Every string of a source file that stands where the name of a module can: more than there are (comments, strings with
 * code in them), so that none is missed.
 */
export function moduleNames(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(moduleName)].map(([, , name = ""]) => name));
}

export const packageNames = ["a", "b", "c", "d"] as const;

export interface ManifestModel {
  readonly needs: readonly string[];
  readonly version: number;
  /** Whether the script removes its old outputs itself. */
  readonly cleans: boolean;
}

/**
 * What every package's build does with the files that it may read. Of the shell's own words alone, as far as that goes: the
 * proof runs thousands of these. `.skips` names files that git ignores; where nothing but counting files is, there is none.
 */
export const collectScript = `
: > dist/all.txt
: > made/copy.txt
echo "v$v mode \${MODE-} app \${APP_ONE-} \${APP_TWO-} shell \${0##*/}" > dist/facts.txt
for f in ../../shared.txt ../../.env.local .env.own; do
  line=none
  [ -e "$f" ] && { IFS= read -r line < "$f" || :; }
  echo "$f $line" >> dist/facts.txt
done
skips=
[ -e ../../.skips ] && { IFS= read -r skips < ../../.skips || :; }
for f in src/* src/*/*; do
  [ -d "$f" ] && continue
  [ -e "$f" ] || [ -L "$f" ] || continue
  case $skips in *"|packages/$name/$f|"*) continue ;; esac
  line=gone
  [ -e "$f" ] && { line=; IFS= read -r line < "$f" || :; }
  case $line in *fail*) exit 1 ;; esac
  x=-
  [ -x "$f" ] && x=x
  echo "$f $x $line" >> dist/all.txt
  echo "$line" >> made/copy.txt
  # Never through a link that an earlier one of this name left: that would write what the link leads to.
  [ -L "dist/\${f##*/}" ] && rm "dist/\${f##*/}"
  if [ -L "$f" ] || [ $x = x ]; then cp -P "$f" dist/; else echo "$line" > "dist/\${f##*/}"; fi
done
`;

export function packageScript(name: string, { needs, version, cleans }: ManifestModel): string {
  return [
    ...(cleans ? ["rm -rf dist"] : []),
    "mkdir -p dist made",
    `name=${name} v=${version}`,
    ". ../../collect.sh",
    ...needs.map(
      (need) =>
        `while IFS= read -r line; do echo "$line"; done < ../${need}/dist/all.txt > dist/from-${need}.txt`,
    ),
    ...(name === "d" ? ["mkdir -p ../a/gen", "echo by-d-$v > ../a/gen/by-d.txt"] : []),
  ].join(" && ");
}

import { execFileSync } from "node:child_process";
import type { FaultRegistry } from "../../packages/testkit/src/index.ts";

/** How far a batch is, as strangers see it. */
export interface Standing {
  readonly uploaded: number;
  /** How many of them `latest` shows. */
  readonly visible: number;
  /** How many `NAME@VERSION` tags there are, here or on origin. */
  readonly tagged: number;
  readonly isDirty: boolean;
}

export function standingOf(
  registry: FaultRegistry,
  clone: string,
  { names, version }: { readonly names: readonly string[]; readonly version: string },
): Standing {
  const there = registry.snapshot();
  const git = (...args: string[]): string => execFileSync("git", args, { cwd: clone, encoding: "utf8" });
  const tags = new Set(
    `${git("tag", "--list")}\n${git("ls-remote", "--tags", "origin")}`.match(/@[\w/-]+@[\d.]+/g),
  );
  return {
    uploaded: names.filter((name) => there[name]?.versions[version] !== undefined).length,
    visible: names.filter((name) => there[name]?.distTags["latest"] === version).length,
    tagged: names.filter((name) => tags.has(`${name}@${version}`)).length,
    isDirty: git("status", "--porcelain", "--untracked-files=no") !== "",
  };
}

/** What is missing of a batch, after a publisher said that it is done, or gave up. */
export function lackedBy(
  { uploaded, visible, tagged, isDirty }: Standing,
  count: number,
  { makesTags }: { readonly makesTags: boolean },
): string[] {
  const lacks = [
    [count - uploaded, "version"],
    [uploaded - visible, "latest of what is up"],
    [makesTags ? uploaded - tagged : 0, "git tag of what is up"],
  ] as const;
  return [
    ...lacks.filter(([number]) => number > 0).map(([number, what]) => `${number} × ${what}`),
    ...(isDirty ? ["a clean tree"] : []),
  ];
}

export function inWords({ uploaded, visible, tagged, isDirty }: Standing): string {
  return `${uploaded} uploaded, ${visible} latest, ${tagged} git tags${isDirty ? ", a dirty tree" : ""}`;
}

/** Version 1.0.0 of every package, as releases before left it. */
export function plantEarlier(registry: FaultRegistry, names: readonly string[]): void {
  for (const name of names) {
    const manifest = { name, version: "1.0.0" };
    registry.plant({ name, version: "1.0.0", tarball: new TextEncoder().encode(name), manifest });
  }
}

import { existsSync, realpathSync } from "node:fs";

/** Words that mean nothing to a shell but themselves. */
const plain = /^[\w@%+:=,./-]+$/;

/** What dash does itself or takes for its grammar. Source: dash, src/builtins.def.in and src/mktokens. */
const ownWords = new Set(
  (
    ". : [ alias bg break case cd chdir command continue do done echo elif else esac eval exec exit export false fc " +
    "fg fi for getopts hash if in jobs kill local printf pwd read readonly return set shift test then times trap " +
    "true type ulimit umask unalias unset until wait while"
  ).split(" "),
);

/** dash gives these to what it starts in another form than it got them. */
const ownVariables = ["IFS", "OPTIND", "PPID"];

export interface ShellCall {
  readonly line: string;
  /** Null: the system's `sh`. */
  readonly shell: string | null;
  readonly env: Readonly<Record<string, string>>;
}

/** Says which lines are one program and its arguments, so that no shell has to be started to start it. */
export class PlainWords {
  #isDash: boolean | null = null;
  /** Directories of a PATH, and whether a `sh` stands in them. */
  readonly #shells = new Map<string, boolean>();

  /** Null: a shell is to read the line. dash starts a program with all that it was started with itself; others add to it. */
  in({ line, shell, env }: ShellCall): readonly string[] | null {
    if (shell !== null) return null;
    const words = line.split(/[ \t]+/).filter((word) => word !== "");
    const [program = ""] = words;
    if (program === "" || program.includes("=") || ownWords.has(program)) return null;
    if (!words.every((word) => plain.test(word))) return null;
    if (ownVariables.some((name) => name in env)) return null;
    return this.#isSystems(env["PATH"] ?? "") ? words : null;
  }

  #isSystems(path: string): boolean {
    const dir = path.split(":").find((each) => this.#hasShell(each));
    this.#isDash ??= existsSync("/bin/sh") && realpathSync("/bin/sh").endsWith("/dash");
    return this.#isDash && (dir === "/bin" || dir === "/usr/bin");
  }

  #hasShell(dir: string): boolean {
    // Another one in every directory that tasks run in.
    if (!dir.startsWith("/")) return true;
    let has = this.#shells.get(dir);
    if (has === undefined) this.#shells.set(dir, (has = existsSync(`${dir}/sh`)));
    return has;
  }
}

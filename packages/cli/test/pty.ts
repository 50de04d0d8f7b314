import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";

/** Null when `script` of util-linux can give a process a terminal, else why not. */
export function missingPty(): string | null {
  if (process.platform !== "linux") return "`script` takes other flags on this platform";
  return existsSync("/usr/bin/script") ? null : "`script` of util-linux is not installed";
}

export interface PtyOptions {
  readonly cwd: string;
  readonly columns: number;
  readonly env: Readonly<Record<string, string>>;
}

export interface PtyRun {
  /** All that was written to the terminal so far. */
  written(): string;
  /** Waits until the terminal shows a text. */
  shows(text: string): Promise<void>;
  type(keys: string): void;
  resize(columns: number): void;
  /** Takes the terminal away, as when its window is closed. */
  hangUp(): void;
  readonly ended: Promise<number | null>;
}

/** Runs a shell line on a terminal of its own. */
export function onPty(line: string, { cwd, columns, env }: PtyOptions): PtyRun {
  const setup = `stty cols ${columns} rows 24 -echoctl; echo "on $(tty)"; ${line}`;
  const child = spawn("/usr/bin/script", ["-qefc", setup, "/dev/null"], {
    cwd,
    env: { TERM: "xterm-256color", SHELL: "/bin/sh", ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let text = "";
  const listeners = new Set<() => void>();
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString("utf8");
    for (const listener of listeners) listener();
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", (status) => resolve(status)));
  const header = /^on (\S+)\r\n/;
  return {
    ended,
    written: () => text.replace(header, "").replaceAll("\r\n", "\n"),
    shows: (wanted) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!text.includes(wanted)) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        void ended.then(() => reject(new Error(`it ended without showing "${wanted}":\n${text}`)));
        look();
      }),
    hangUp: () => void child.kill("SIGKILL"),
    type: (keys) => void child.stdin.write(keys),
    resize: (to) => {
      const tty = header.exec(text)?.[1] ?? "";
      execFileSync("stty", ["-F", tty, "cols", String(to)]);
    },
  };
}

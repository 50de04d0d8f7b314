/** What can be shown to whom. */
export interface Terminal {
  /** A person can answer a prompt: stdin and stderr are terminals, and this is not CI. */
  readonly interactive: boolean;
  /** A block that rewrites itself can be shown on stderr. */
  readonly live: boolean;
  readonly color: boolean;
  readonly github: boolean;
  /** How wide a line may be that is to stay; null where it goes to a file or a pipe. */
  width(): number | null;
  /** Asked anew for every frame: windows are resized. */
  size(): { readonly columns: number; readonly rows: number };
  /** Past `answer` and `say`: what a live block writes to the terminal itself. */
  draw(text: string): void;
}

interface Streams {
  readonly stdin: { readonly isTTY?: boolean };
  readonly stdout: { readonly isTTY?: boolean };
  readonly stderr: {
    readonly isTTY?: boolean;
    readonly columns?: number;
    readonly rows?: number;
    write(text: string): unknown;
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

const SIZE_UNKNOWN = { columns: 80, rows: 24 };

export function terminalOf(streams: Streams, env: Environment): Terminal {
  const ci = isSet(env["CI"]);
  const dumb = env["TERM"] === "dumb";
  const { stdin, stdout, stderr } = streams;
  return {
    interactive: stderr.isTTY === true && stdin.isTTY === true && !ci,
    live: stderr.isTTY === true && !ci && !dumb,
    color: wantsColor(stdout.isTTY === true && stderr.isTTY === true && !dumb, env),
    github: env["GITHUB_ACTIONS"] === "true",
    width: () =>
      stdout.isTTY === true && stderr.isTTY === true ? stderr.columns || SIZE_UNKNOWN.columns : null,
    size: () => ({
      columns: stderr.columns || SIZE_UNKNOWN.columns,
      rows: stderr.rows || SIZE_UNKNOWN.rows,
    }),
    draw: (text) => void stderr.write(text),
  };
}

/** Source: no-color.org, and force-color.org for the opposite; the former is the stronger wish. */
function wantsColor(byDefault: boolean, env: Environment): boolean {
  if (env["NO_COLOR"]) return false;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return byDefault || env["GITHUB_ACTIONS"] === "true";
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "0" && value !== "false";
}

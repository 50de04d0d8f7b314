/** A task that writes more than this before it ends is shown while it runs, so that memory stays bounded. */
const CHARACTERS_HELD_MAX = 1_000_000;

/** What one task wrote and nobody has seen yet. */
export interface TaskLog {
  /** Takes a piece and gives back the lines to show at once. */
  take(text: string): string;
  /** Gives back what was not shown yet. */
  end(): string;
  /** True: lines are given back as they come, each behind the prefix. */
  isStreamed(): boolean;
}

export function taskLog({ prefix, streamed }: { prefix: string; streamed: boolean }): TaskLog {
  let held = "";
  let streaming = streamed;
  const prefixed = (lines: string): string => lines.replaceAll(/^/gm, prefix);
  return {
    isStreamed: () => streaming,
    take(text) {
      held += text;
      if (!streaming && held.length > CHARACTERS_HELD_MAX) streaming = true;
      const end = streaming ? held.lastIndexOf("\n") : -1;
      if (end === -1 && held.length > CHARACTERS_HELD_MAX) {
        // One line without end, as of a progress bar.
        const whole = held;
        held = "";
        return prefixed(whole);
      }
      if (end === -1) return "";
      const whole = held.slice(0, end);
      held = held.slice(end + 1);
      return prefixed(whole);
    },
    end() {
      const rest = held.replace(/\r?\n$/, "");
      return streaming && rest !== "" ? prefixed(rest) : rest;
    },
  };
}

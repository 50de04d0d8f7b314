import { spawn } from "node:child_process";
import type { Outside } from "../command.ts";

/** Opens files in VISUAL or EDITOR and waits until it is closed. */
export async function openInEditor(
  files: readonly string[],
  outside: Pick<Outside, "env" | "say">,
): Promise<void> {
  const editor = outside.env["VISUAL"] || outside.env["EDITOR"];
  if (!editor) return outside.say("neither VISUAL nor EDITOR is set, so nothing was opened");
  const [program = editor, ...args] = editor.split(" ").filter(Boolean);
  await new Promise<void>((resolve) => {
    const child = spawn(program, [...args, ...files], { stdio: "inherit" });
    child.once("error", () => {
      outside.say(`${program} could not be started`);
      resolve();
    });
    child.once("close", () => resolve());
  });
}

import { spawn } from "node:child_process";

/** Shows a file in the user's browser; false when there is nothing to show it with. */
export function openInBrowser(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  const opener = env["BROWSER"] || (process.platform === "darwin" ? "open" : "xdg-open");
  return new Promise((resolve) => {
    const child = spawn(opener, [path], { env: { ...env }, detached: true, stdio: "ignore" });
    child.once("error", () => resolve(false));
    child.once("spawn", () => {
      child.unref();
      resolve(true);
    });
  });
}

import { readFile } from "node:fs/promises";

/** The event that a GitHub job was started by; null elsewhere, and where its file cannot be read. */
export async function jobEvent(env: Readonly<Record<string, string | undefined>>): Promise<unknown> {
  const path = env["GITHUB_EVENT_PATH"];
  if (!path) return null;
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    return value;
  } catch {
    return null;
  }
}

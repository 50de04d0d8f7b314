import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where a Chromium may be; CHROMIUM_PATH names another. Null when there is none. */
export function findChromium(): string | null {
  const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const named = process.env["CHROMIUM_PATH"];
  return [...(named ? [named] : []), ...places].find((path) => existsSync(path)) ?? null;
}

export interface Page {
  /** What an expression is in the page; promises are waited for. */
  readonly evaluate: (expression: string) => Promise<unknown>;
  /** Errors that nobody caught, in order. */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

/** Opens one page in a Chromium of its own. Source: chromedevtools.github.io/devtools-protocol. */
export async function openPage(chromium: string, url: string): Promise<Page> {
  const profile = mkdtempSync(join(tmpdir(), "slipway-chromium-"));
  const flags = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--window-size=1400,900",
    "--remote-debugging-port=0",
  ];
  const child = spawn(chromium, [...flags, `--user-data-dir=${profile}`, "about:blank"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const browserUrl = await new Promise<string>((resolve, reject) => {
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString("utf8");
      const found = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
      if (found) resolve(found);
    });
    child.once("exit", () => reject(new Error(`${chromium} ended: ${said}`)));
  });
  const close = async (): Promise<void> => {
    child.kill("SIGKILL");
    await gone;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const list = await fetch(new URL("/json/list", browserUrl.replace(/^ws/, "http")));
    const targets = (await list.json()) as { type: string; webSocketDebuggerUrl: string }[];
    const target = targets.find(({ type }) => type === "page");
    if (!target) throw new Error("Chromium has no page");
    return { ...(await connected(target.webSocketDebuggerUrl, url)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly result?: { readonly result?: { readonly value?: unknown }; readonly exceptionDetails?: Thrown };
  readonly params?: { readonly exceptionDetails?: Thrown };
}

interface Thrown {
  readonly text: string;
  readonly exception?: { readonly description?: string };
}

async function connected(socketUrl: string, url: string): Promise<Omit<Page, "close">> {
  const socket = new WebSocket(socketUrl);
  await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
  const waiting = new Map<number, (message: Message) => void>();
  const errors: string[] = [];
  let loaded = (): void => {};
  socket.addEventListener("message", ({ data }) => {
    const message = JSON.parse(String(data)) as Message;
    if (message.id !== undefined) waiting.get(message.id)?.(message);
    if (message.method === "Runtime.exceptionThrown") errors.push(sentence(message.params?.exceptionDetails));
    if (message.method === "Page.loadEventFired") loaded();
  });
  let last = 0;
  const call = (method: string, params: object = {}): Promise<Message> => {
    const id = ++last;
    socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => waiting.set(id, resolve));
  };
  await call("Runtime.enable");
  await call("Page.enable");
  const isLoaded = new Promise<void>((resolve) => (loaded = resolve));
  await call("Page.navigate", { url });
  await isLoaded;
  return {
    errors,
    async evaluate(expression) {
      const { result } = await call("Runtime.evaluate", {
        expression,
        awaitPromise: true,
        returnByValue: true,
      });
      if (result?.exceptionDetails) throw new Error(sentence(result.exceptionDetails));
      return result?.result?.value;
    },
  };
}

function sentence(thrown: Thrown | undefined): string {
  return thrown?.exception?.description ?? thrown?.text ?? "unknown";
}

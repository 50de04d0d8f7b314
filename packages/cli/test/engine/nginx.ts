import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Null when there is none. */
export function findNginx(): string | null {
  return (
    ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"].find((path) => existsSync(path)) ?? null
  );
}

export interface Nginx {
  readonly url: string;
  /** Where what was put stands, as files. */
  readonly files: string;
  stop(): Promise<void>;
}

/** A WebDAV server of its own on 127.0.0.1, as its manual sets one up. */
export async function startNginx(nginx: string, bodyMax: string): Promise<Nginx> {
  const home = mkdtempSync(join(tmpdir(), "slipway-nginx-"));
  const files = join(home, "files");
  mkdirSync(files);
  const port = await freePort();
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${home}/${name};`,
  );
  writeFileSync(
    join(home, "nginx.conf"),
    `daemon off; master_process off; pid ${home}/pid; error_log stderr;
events {}
http {
  access_log off; ${temporary.join(" ")}
  server {
    listen 127.0.0.1:${port}; root ${files};
    location / { dav_methods PUT; create_full_put_path on; client_max_body_size ${bodyMax}; }
  }
}
`,
  );
  const child = spawn(nginx, ["-p", home, "-c", join(home, "nginx.conf")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (piece: Buffer) => (said += piece.toString("utf8")));
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await gone;
    rmSync(home, { recursive: true, force: true });
  };
  while (!(await answers(url))) {
    if (child.exitCode !== null) throw new Error(`nginx ended: ${said}`);
  }
  return { url, files, stop };
}

async function answers(url: string): Promise<boolean> {
  try {
    await (await fetch(url)).body?.cancel();
    return true;
  } catch {
    return false;
  }
}

/** nginx cannot choose one itself. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

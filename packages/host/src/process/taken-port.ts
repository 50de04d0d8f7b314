import { connect } from "node:net";

/** How long whoever held it before may take to let it go. */
const patienceMs = 1_000;
const everyMs = 100;
/** A server that accepts and never answers is not ready. */
const lookMs = 5_000;

interface Places {
  readonly port?: number;
  readonly host?: string;
  readonly url?: string;
}

/**
 * The first place of this machine, among those that will say when a server is ready, where something listens before it
 * was started, and goes on to: what answers there is another's. Null when there is none.
 */
export async function takenPort(places: Places): Promise<string | null> {
  const giveUpMs = performance.now() + patienceMs;
  for (;;) {
    const taken = await firstTaken(places);
    if (taken === null || performance.now() > giveUpMs) return taken;
    await new Promise((resolve) => {
      setTimeout(resolve, everyMs);
    });
  }
}

async function firstTaken({ port, host, url }: Places): Promise<string | null> {
  if (port !== undefined && isHere(host) && (await listens(port, host))) return `port ${port}`;
  const address = url === undefined ? null : URL.parse(url);
  if (!address || !isHere(address.hostname)) return null;
  const asked = Number(address.port) || (address.protocol === "https:" ? 443 : 80);
  return (await listens(asked, undefined)) ? `port ${asked}` : null;
}

/** What another machine offers was there before, and stays. */
function isHere(host: string | undefined): boolean {
  return host === undefined || /^(?:localhost|.*\.localhost|127\.[\d.]+|0\.0\.0\.0|\[?::1?\]?)$/.test(host);
}

/** Without a host both loopback addresses are tried. */
export async function listens(port: number, host: string | undefined): Promise<boolean> {
  const hosts = host === undefined ? ["127.0.0.1", "::1"] : [host];
  return (await Promise.all(hosts.map((each) => accepts(port, each)))).some(Boolean);
}

function accepts(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host, timeout: lookMs });
    const end = (accepted: boolean): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
    socket.once("timeout", () => end(false));
  });
}

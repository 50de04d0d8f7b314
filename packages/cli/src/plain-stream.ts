import { fstatSync, writeSync } from "node:fs";
import { drained } from "./process-outside.ts";

export interface PlainStream {
  readonly isTTY: boolean;
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
  /** Nobody reads any more. */
  onClosed(listener: () => void): void;
  drained(): Promise<void>;
}

/** How Linux numbers /dev/null: a character device too, and no terminal. */
const nullDevice = 0x103;

/**
 * A standard stream of this process without what Node makes of it: its terminals and sockets take as long to load as all
 * else that a short run does. A terminal, and a pipe that is full, are left to Node.
 */
export function plainStream(fd: number, full: () => NodeJS.ReadStream | NodeJS.WriteStream): PlainStream {
  let isTTY: boolean | null = null;
  let writer: NodeJS.WriteStream | null = null;
  const closed: (() => void)[] = [];
  const close = (): void => closed.forEach((listener) => listener());
  const fully = (): NodeJS.WriteStream => (writer ??= writerOf(full() as NodeJS.WriteStream, close));
  const stream = {
    get isTTY(): boolean {
      isTTY ??= isDevice(fd) && full().isTTY;
      return isTTY;
    },
    get columns(): number {
      return fully().columns;
    },
    get rows(): number {
      return fully().rows;
    },
    write(text: string): void {
      if (writer || stream.isTTY) return void fully().write(text);
      const rest = writePlainly(fd, text);
      if (rest === "closed") close();
      else if (rest) fully().write(rest);
    },
    onClosed(listener: () => void): void {
      closed.push(listener);
    },
    drained: async (): Promise<void> => (writer === null ? undefined : drained(writer)),
  };
  return stream;
}

function isDevice(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    return stat.isCharacterDevice() && stat.rdev !== nullDevice;
  } catch {
    return false;
  }
}

/** What could not be written now: a pipe that does not wait was full. */
function writePlainly(fd: number, text: string): Buffer | "closed" | null {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EAGAIN") return bytes.subarray(at);
      if (code === "EPIPE") return "closed";
      throw error;
    }
  }
  return null;
}

function writerOf(stream: NodeJS.WriteStream, closed: () => void): NodeJS.WriteStream {
  return stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    closed();
  });
}

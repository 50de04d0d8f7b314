/** An answer over HTTP, before anything spoils it. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  const body = Buffer.from(JSON.stringify(value));
  return { status, headers: { "content-type": "application/json; charset=utf-8", ...headers }, body };
}

export function refused(
  status: number,
  error: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return json(status, { error }, headers);
}

export function bytes(body: Uint8Array): Reply {
  return { status: 200, headers: { "content-type": "application/octet-stream" }, body };
}

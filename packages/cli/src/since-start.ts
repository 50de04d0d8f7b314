/** Milliseconds since this process began, by a steady clock; Node loads more for `performance` than a short run needs. */
export function sinceStartMs(): number {
  return process.uptime() * 1000;
}

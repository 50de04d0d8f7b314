/**
 * Milliseconds that only go up, and go on while the machine sleeps: a monotonic clock stands still then, the wall clock
 * does not. A wall clock that is put back is not followed; one that is put ahead makes looks and signs of life older than
 * they are, which costs another look and nothing else.
 */
export function steadyClock(
  monotonicMs: () => number = () => performance.now(),
  wallMs: () => number = () => Date.now(),
): () => number {
  const start = { monotonic: monotonicMs(), wall: wallMs() };
  let aheadMs = 0;
  return () => {
    const passedMs = monotonicMs() - start.monotonic;
    aheadMs = Math.max(aheadMs, wallMs() - start.wall - passedMs);
    return passedMs + aheadMs;
  };
}

/** Of this process. */
export const steadyNowMs = steadyClock();

type Ask = (refused: string | null) => Promise<string | null>;

export interface PasswordSource {
  /** `--otp`, or npm's own variable. */
  readonly given: string | undefined;
  /** Asks a person; null where there is none. */
  readonly ask: ((refused: boolean) => Promise<string | null>) | null;
}

/** One-time passwords for all registries of a command: one question at a time, and one answer for all who wait for it. */
export function oneTimePasswords({ given, ask }: PasswordSource): Ask {
  let current = given || null;
  let asking: Promise<string | null> | null = null;
  return (refused) => {
    if (current !== null && current !== refused) return Promise.resolve(current);
    if (!ask) return Promise.resolve(null);
    asking ??= ask(refused !== null)
      .then((answer) => (current = answer))
      .finally(() => (asking = null));
    return asking;
  };
}

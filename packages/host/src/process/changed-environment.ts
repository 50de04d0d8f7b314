type Environment = Readonly<Record<string, string>>;

const shellKnows = /^[A-Za-z_]\w*$/;

/** Environments of tasks as what they differ in from the first: few of many variables do. */
export class ChangedEnvironment {
  /** All of the first, as `NAME=value`. */
  readonly base: readonly string[];
  readonly #first: Environment;
  readonly #unknownToShell: readonly string[];

  constructor(first: Environment) {
    this.#first = first;
    this.base = Object.entries(first).map(([name, value]) => `${name}=${value}`);
    this.#unknownToShell = Object.keys(first).filter((name) => !shellKnows.test(name));
  }

  /**
   * @param how.asShell without what a shell would not hand on
   * @returns `NAME=value`, and `NAME` alone for what is not there any more
   */
  changes(env: Environment, { asShell }: { readonly asShell: boolean }): readonly string[] {
    const changed: string[] = asShell ? [...this.#unknownToShell] : [];
    for (const name in env) {
      const value = env[name];
      if (value === this.#first[name] || (asShell && !shellKnows.test(name))) continue;
      changed.push(`${name}=${value}`);
    }
    for (const name in this.#first) if (!(name in env)) changed.push(name);
    return changed;
  }
}

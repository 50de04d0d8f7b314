import { userErrors, type UserErrorCode } from "./catalogue.ts";
import type { Problem } from "./problem.ts";

export type ExitStatus = 0 | 1 | 2 | 3 | 70 | 130;

/** An error the user can act on. Thrown anywhere, printed once, in cli/src/main.ts. */
export class UserError extends Error {
  override readonly name = "UserError";
  readonly code: UserErrorCode;
  readonly hint: string | undefined;
  /** All that is wrong, when it is more than one thing. */
  readonly problems: readonly Problem[];

  constructor(
    code: UserErrorCode,
    message: string,
    options: {
      readonly hint?: string;
      readonly cause?: unknown;
      readonly problems?: readonly Problem[];
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.problems = options.problems ?? [];
  }

  get exit(): ExitStatus {
    return userErrors[this.code].exit;
  }

  /** One error for all problems found in an input; the first problem's code decides the exit status. */
  static of(problems: readonly Problem[]): UserError {
    const [first] = problems;
    if (!first) throw new Error("an error needs at least one problem");
    const options = { problems, ...(first.hint === undefined ? {} : { hint: first.hint }) };
    return new UserError(first.code, first.message, options);
  }
}

/** For the branch that the types say cannot be reached: reaching it is a bug of ours. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}

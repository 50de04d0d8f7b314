import type { HttpResponse } from "./http.ts";

/** Why a registry says no to a credential, and what its owner can do. */
export interface Refusal {
  readonly says: string;
  readonly hint: string;
}

interface Row extends Refusal {
  readonly status: number;
  /** In the registry's own words; missing: whatever they are. */
  readonly words?: RegExp;
}

/**
 * The first row that fits is the reason. The words are those of the public registry, of GitHub Packages and of
 * Verdaccio 6; statuses without known words are at the end.
 */
const rows: readonly Row[] = [
  {
    status: 401,
    words: /\botp\b|one-time pass/i,
    says: "the registry wants a one-time password (EOTP)",
    hint: "give one with --otp CODE; in CI use trusted publishing, `--mode stage`, or a token that bypasses two-factor authentication",
  },
  {
    status: 403,
    words: /two-factor|\b2fa\b/i,
    says: "the package asks for two-factor authentication, and the token does not bypass it",
    hint: "give a one-time password with --otp, use trusted publishing or `--mode stage`, or make a granular token that bypasses two-factor authentication",
  },
  {
    status: 403,
    words: /read.?only|insufficient (permissions|scope)|not perform that action|write[_ ]packages/i,
    says: "the token may read, and not write",
    hint: "make a granular token with write access to these packages, or use trusted publishing",
  },
  {
    status: 403,
    words: /e-?mail/i,
    says: "the account's e-mail address is not verified",
    hint: "verify the address in the account's settings, then run the same command again",
  },
  {
    status: 403,
    words: /too similar|not allowed.*name|name.*not allowed|reserved/i,
    says: "the registry does not take this name",
    hint: "choose another name, best within a scope of yours",
  },
  {
    status: 402,
    says: "the registry takes no private packages from this account",
    hint: 'set publishConfig.access to "public", or pay for private packages',
  },
  {
    status: 404,
    words: /scope/i,
    says: "the registry has no such scope, or the token's account is no member of it",
    hint: "make the organization on the registry first, or let its owner add the account; check the scope's spelling",
  },
  {
    status: 404,
    says: "the registry says that there is no such package, as it does where a token has no right",
    hint: "check that the token's account may publish this package (`npm access list packages`), and that the scope exists",
  },
  {
    status: 401,
    says: "the registry does not know the token: it is wrong, expired or revoked",
    hint: "make a new token and put it where .npmrc takes it from; `npm whoami` shows whether it is known",
  },
  {
    status: 403,
    says: "the token has no right to this package",
    hint: "let an owner of the package add the account (`npm owner ls NAME` shows them), or choose a token that covers the package",
  },
];

/** Null when the answer is no refusal of a credential. */
export function refusalOf(response: Pick<HttpResponse, "status" | "headers">, words: string): Refusal | null {
  const all = `${String(response.headers["www-authenticate"] ?? "")} ${words}`;
  const row = rows.find(({ status, words: wanted }) => {
    return status === response.status && (!wanted || wanted.test(all));
  });
  return row ? { says: row.says, hint: row.hint } : null;
}

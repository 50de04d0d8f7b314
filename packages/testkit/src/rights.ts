import { refused, type Reply } from "./reply.ts";

export type Power = "publish" | "tag" | "deprecate" | "stage" | "approve" | "read";

/** Who a token belongs to and what it may do. */
export interface Credential {
  readonly user: string;
  /** Everything when not said. */
  readonly powers?: readonly Power[];
  /** Every package when not said. */
  readonly packages?: readonly string[];
  /** When given, writes need this one-time password too. */
  readonly otp?: string;
}

/** Tokens by their text. Without any, everybody may do everything, as on a registry of one's own. */
export class Rights {
  private readonly tokens: Map<string, Credential>;
  private readonly open: boolean;
  private issuedCount = 0;

  constructor(tokens: Readonly<Record<string, Credential>> | null) {
    this.tokens = new Map(Object.entries(tokens ?? {}));
    this.open = tokens === null;
  }

  /** Null when the caller may; else the refusal, worded as the public registry words it. */
  refusal(headers: Headers, power: Power, packageName: string): Reply | null {
    if (this.open) return null;
    const credential = this.of(headers);
    if (!credential) return refused(401, "You must be logged in to publish packages.");
    const may =
      (credential.powers?.includes(power) ?? true) && (credential.packages?.includes(packageName) ?? true);
    if (!may) return refused(403, `You do not have permission to ${power} "${packageName}".`);
    if (power === "read" || credential.otp === undefined || headers.get("npm-otp") === credential.otp)
      return null;
    const said = "This operation requires a one-time password.";
    return refused(401, said, { "www-authenticate": "OTP" });
  }

  /** The bearer of a request, or of HTTP Basic with a token for its password. */
  of(headers: Headers): Credential | undefined {
    const [scheme = "", value = ""] = (headers.get("authorization") ?? "").split(" ");
    if (scheme.toLowerCase() === "bearer") return this.tokens.get(value);
    if (scheme.toLowerCase() !== "basic") return undefined;
    const plain = Buffer.from(value, "base64").toString("utf8");
    return this.tokens.get(plain.slice(plain.indexOf(":") + 1));
  }

  issue(credential: Credential): string {
    const token = `npm_test_${++this.issuedCount}`;
    this.tokens.set(token, credential);
    return token;
  }
}

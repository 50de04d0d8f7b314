import type { ForgeTarget } from "../src/index.ts";

interface MadeRelease {
  readonly tag: string;
  readonly body: string;
  readonly prerelease?: unknown;
  readonly make_latest?: unknown;
}

/** What may happen to a request: answered by something else, or done with its reply lost. */
export type ReleaseFault = Response | "lost";

/** As much of GitHub's or GitLab's REST API as releases need. */
export class FakeReleases {
  readonly made: MadeRelease[] = [];
  readonly requests: string[] = [];
  /** For the next requests that make a release, in turn; null: nothing happens. */
  readonly faults: (ReleaseFault | null)[] = [];
  private readonly kind: ForgeTarget["kind"];

  constructor(kind: ForgeTarget["kind"]) {
    this.kind = kind;
  }

  readonly handle = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    const token = request.headers.get(this.kind === "github" ? "authorization" : "job-token");
    this.requests.push(`${request.method} ${pathname} ${token ?? "without a token"}`);
    if (request.method === "GET")
      return reply(200, this.made.map(({ tag }) => ({ tag_name: tag })).toReversed());
    const fault = this.faults.shift() ?? null;
    if (fault instanceof Response) return fault;
    const answer = this.make((await request.json()) as Record<string, unknown>);
    if (fault === "lost") throw new TypeError("fetch failed", { cause: new Error("socket hang up") });
    return answer;
  };

  private make(draft: Record<string, unknown>): Response {
    const tag = String(draft["tag_name"]);
    if (this.made.some((each) => each.tag === tag))
      return this.kind === "github"
        ? reply(422, {
            message: "Validation Failed",
            errors: [{ resource: "Release", code: "already_exists" }],
          })
        : reply(409, { message: "Release already exists" });
    const { prerelease, make_latest } = draft;
    this.made.push({ tag, body: String(draft["body"] ?? draft["description"]), prerelease, make_latest });
    return reply(201, { tag_name: tag });
  }
}

function reply(status: number, value: unknown): Response {
  return new Response(JSON.stringify(value), { status });
}

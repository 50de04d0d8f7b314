import type { GitStore } from "./git-store.ts";

interface Pull {
  number: number;
  title: string;
  body: string;
  readonly head: { readonly ref: string; readonly owner: string; readonly sha?: string };
  readonly base: string;
}

/** As much of GitHub's REST API as a version pull request and its comment need, over a bare repository. */
export class FakeGitHub {
  readonly pulls: Pull[] = [];
  readonly comments: { id: number; pull: number; login: string; body: string }[] = [];
  readonly requests: string[] = [];
  /** Answers that are given instead, in turn. */
  readonly faults: Response[] = [];
  private readonly store: GitStore;
  private readonly repository: string;
  private readonly token: string;

  constructor(store: GitStore, options: { readonly repository: string; readonly token: string }) {
    this.store = store;
    this.repository = options.repository;
    this.token = options.token;
  }

  readonly handle = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    this.requests.push(`${request.method} ${url.pathname}`);
    const fault = this.faults.shift();
    if (fault) return fault;
    if (request.headers.get("authorization") !== `Bearer ${this.token}`)
      return reply(401, { message: "Bad credentials" });
    const prefix = `/repos/${this.repository}`;
    if (!url.pathname.startsWith(prefix)) return reply(404, { message: "Not Found" });
    const text = await request.text();
    const body = (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>;
    return this.answer(`${request.method} ${url.pathname.slice(prefix.length)}`, url.searchParams, body);
  };

  private answer(route: string, query: URLSearchParams, body: Record<string, unknown>): Response {
    const [, pull] = /^PATCH \/pulls\/(\d+)$/.exec(route) ?? [];
    const [, thread] = /^\w+ \/issues\/(\d+)\/comments$/.exec(route) ?? [];
    const [, comment] = /^PATCH \/issues\/comments\/(\d+)$/.exec(route) ?? [];
    if (route.includes("/git/")) return this.answerGit(route, body);
    if (route === "GET /pulls") return this.listPulls(query);
    if (route === "POST /pulls") return this.openPull(body);
    if (pull !== undefined) {
      const found = this.pulls.find(({ number }) => number === Number(pull));
      return found ? reply(200, view(Object.assign(found, body))) : reply(404, { message: "Not Found" });
    }
    if (thread !== undefined && route.startsWith("GET")) {
      const own = this.comments.filter((each) => each.pull === Number(thread));
      const page = Number(query.get("page") ?? 1);
      return reply(
        200,
        own
          .slice((page - 1) * 100, page * 100)
          .map(({ id, login, body: words }) => ({ id, user: { login }, body: words })),
      );
    }
    if (thread !== undefined) {
      this.comments.push({
        id: this.comments.length + 1,
        pull: Number(thread),
        login: "github-actions[bot]",
        body: String(body["body"]),
      });
      return reply(201, { id: this.comments.length });
    }
    if (comment !== undefined) {
      const found = this.comments.find(({ id }) => id === Number(comment));
      if (found) found.body = String(body["body"]);
      return reply(found ? 200 : 404, {});
    }
    return reply(404, { message: "Not Found" });
  }

  private answerGit(route: string, body: Record<string, unknown>): Response {
    const { git, tip, treeWith, commit } = this.store;
    const [, read] = /^GET \/git\/commits\/(\w+)$/.exec(route) ?? [];
    const [, ref] = /^GET \/git\/ref\/(heads\/.+)$/.exec(route) ?? [];
    const [, moved] = /^PATCH \/git\/refs\/(heads\/.+)$/.exec(route) ?? [];
    if (read !== undefined) {
      const [tree = "", parents = ""] = git(["show", "-s", "--format=%T %P", read]).split(/ (.*)/);
      return reply(200, { tree: { sha: tree }, parents: parents.split(" ").map((sha) => ({ sha })) });
    }
    if (ref !== undefined) {
      const sha = tip(`refs/${decodeURIComponent(ref)}`);
      return sha === null ? reply(404, { message: "Not Found" }) : reply(200, { object: { sha } });
    }
    if (route === "POST /git/trees") {
      const entries = body["tree"] as { path: string; mode: string; content?: string }[];
      const files = entries.map(({ path, mode, content }) => ({ path, mode, text: content ?? null }));
      return reply(201, { sha: treeWith(String(body["base_tree"]), files) });
    }
    if (route === "POST /git/commits") {
      const [parent = ""] = body["parents"] as string[];
      return reply(201, { sha: commit(String(body["tree"]), parent, String(body["message"])) });
    }
    const name = moved === undefined ? String(body["ref"]) : `refs/${decodeURIComponent(moved)}`;
    if (moved === undefined && tip(name) !== null) return reply(422, { message: "Reference already exists" });
    git(["update-ref", name, String(body["sha"])]);
    return reply(moved === undefined ? 201 : 200, {});
  }

  private listPulls(query: URLSearchParams): Response {
    const head = query.get("head");
    const base = query.get("base");
    const found = this.pulls.filter(
      (each) =>
        (head === null || `${each.head.owner}:${each.head.ref}` === head) &&
        (base === null || each.base === base),
    );
    return reply(
      200,
      found.map((each) => view(each)),
    );
  }

  private openPull(body: Record<string, unknown>): Response {
    const [owner = ""] = this.repository.split("/");
    const ref = String(body["head"]);
    if (this.store.tip(`refs/heads/${ref}`) === null) return reply(422, { message: "Validation Failed" });
    const pull: Pull = {
      number: this.pulls.length + 1,
      title: String(body["title"]),
      body: String(body["body"]),
      head: { ref, owner },
      base: String(body["base"]),
    };
    this.pulls.push(pull);
    return reply(201, view(pull));
  }
}

function view({ number, title, body, head }: Pull) {
  return {
    number,
    title,
    body,
    html_url: `https://github.test/pull/${number}`,
    head: { ref: head.ref, sha: head.sha },
  };
}

function reply(status: number, value: unknown): Response {
  return new Response(JSON.stringify(value), { status, headers: { "content-type": "application/json" } });
}

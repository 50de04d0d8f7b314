import type { GitStore } from "./git-store.ts";

interface MergeRequest {
  iid: number;
  title: string;
  description: string;
  readonly source_branch: string;
  readonly target_branch: string;
}

interface Action {
  readonly action: "create" | "update" | "delete";
  readonly file_path: string;
  readonly content?: string;
}

/** As much of GitLab's REST API as a version merge request and its comment need, over a bare repository. */
export class FakeGitLab {
  readonly requests: MergeRequest[] = [];
  readonly notes: { id: number; request: number; author: string; body: string }[] = [];
  private readonly store: GitStore;
  private readonly token: string;

  constructor(store: GitStore, token: string) {
    this.store = store;
    this.token = token;
  }

  readonly handle = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    if (request.headers.get("private-token") !== this.token)
      return reply(401, { message: "401 Unauthorized" });
    const text = await request.text();
    const body = (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>;
    return this.answer(
      `${request.method} ${url.pathname.replace(/^\/api\/v4\/projects\/77/, "")}`,
      url.searchParams,
      body,
    );
  };

  private answer(route: string, query: URLSearchParams, body: Record<string, unknown>): Response {
    const [, method, iid, note] = /^(\w+) \/merge_requests\/(\d+)\/notes(?:\/(\d+))?$/.exec(route) ?? [];
    const [, edited] = /^PUT \/merge_requests\/(\d+)$/.exec(route) ?? [];
    if (route === "POST /repository/commits") return this.commit(body);
    if (route === "GET /merge_requests") {
      const source = query.get("source_branch");
      const target = query.get("target_branch");
      return reply(
        200,
        this.requests.filter(
          (each) => each.source_branch === source && (target === null || each.target_branch === target),
        ),
      );
    }
    if (route === "POST /merge_requests") {
      const made = {
        iid: this.requests.length + 1,
        web_url: "https://gitlab.test/mr",
        ...body,
      } as unknown as MergeRequest;
      this.requests.push(made);
      return reply(201, made);
    }
    if (edited !== undefined) {
      const found = this.requests.find((each) => each.iid === Number(edited));
      return found ? reply(200, Object.assign(found, body)) : reply(404, {});
    }
    const own = this.notes.filter((each) => each.request === Number(iid));
    if (method === "GET")
      return reply(
        200,
        own.map(({ id, author, body: words }) => ({ id, author: { username: author }, body: words })),
      );
    if (method === "POST") {
      this.notes.push({
        id: this.notes.length + 1,
        request: Number(iid),
        author: "project_bot",
        body: String(body["body"]),
      });
      return reply(201, {});
    }
    const found = own.find(({ id }) => id === Number(note));
    if (found) found.body = String(body["body"]);
    return reply(found ? 200 : 404, {});
  }

  private commit(body: Record<string, unknown>): Response {
    const { git, treeWith, commit } = this.store;
    const start = String(body["start_sha"]);
    const actions = body["actions"] as Action[];
    for (const { action, file_path: path } of actions) {
      const known = git(["ls-tree", start, "--", path]) !== "";
      if (known === (action === "create"))
        return reply(400, { message: `A file with this name ${known ? "already exists" : "doesn't exist"}` });
    }
    const files = actions.map(({ file_path: path, content }) => ({
      path,
      mode: "100644",
      text: content ?? null,
    }));
    const sha = commit(treeWith(start, files), start, String(body["commit_message"]));
    git(["update-ref", `refs/heads/${String(body["branch"])}`, sha]);
    return reply(201, { id: sha });
  }
}

function reply(status: number, value: unknown): Response {
  return new Response(JSON.stringify(value), { status, headers: { "content-type": "application/json" } });
}

import { UserError } from "@slipway/kernel";
import { at, listOf, numberAt, textAt, wordsAt } from "./answers.ts";
import { listComments, PER_PAGE, type Send } from "./list-comments.ts";
import type { BranchCommit, ChangeRequest, Forge, ForgeReleaseDraft } from "./types.ts";

/** GitHub's REST API. A branch is written through the Git database, so no clone pushes and no key signs: GitHub does. */
export function gitHub(send: Send, repository: string): Forge {
  const root = `/repos/${repository}`;
  return {
    title: "GitHub",
    requestTitle: "pull request",
    writeBranch: (commit) => writeBranch(send, root, commit),
    findRequest: async ({ head, base }) => {
      const owner = repository.split("/")[0] ?? "";
      const query = `head=${encodeURIComponent(`${owner}:${head}`)}&base=${encodeURIComponent(base)}`;
      const { value } = await send({ method: "GET", path: `${root}/pulls?state=open&${query}` });
      return listOf(value).map(requestFrom)[0] ?? null;
    },
    openRequest: async ({ head, base }, { title, body }) => {
      const draft = { title, body, head, base };
      const { value } = await send({ method: "POST", path: `${root}/pulls`, body: draft });
      return requestFrom(value);
    },
    editRequest: async (number, { title, body }) => {
      await send({ method: "PATCH", path: `${root}/pulls/${number}`, body: { title, body } });
    },
    requestOfCommit: async ({ commit, owner, branch }) => {
      const query = `head=${encodeURIComponent(`${owner}:${branch}`)}`;
      const { value } = await send({
        method: "GET",
        path: `${root}/pulls?state=open&${query}&per_page=${PER_PAGE}`,
      });
      const found = listOf(value).find((each) => at(each, "head", "sha") === commit);
      return found === undefined ? null : requestFrom(found);
    },
    comments: (number) => listComments(send, `${root}/issues/${number}/comments`, ["user", "login"]),
    addComment: async (number, body) => {
      await send({ method: "POST", path: `${root}/issues/${number}/comments`, body: { body } });
    },
    editComment: async (_, comment, body) => {
      await send({ method: "PATCH", path: `${root}/issues/comments/${comment}`, body: { body } });
    },
    releaseCharactersMax: 125_000,
    newestReleases: async () => {
      const { value } = await send({ method: "GET", path: `${root}/releases?per_page=${PER_PAGE}` });
      return new Set(listOf(value).map((each) => wordsAt(each, "tag_name")));
    },
    createRelease: (draft) => createRelease(send, root, draft),
  };
}

async function createRelease(send: Send, root: string, draft: ForgeReleaseDraft): Promise<boolean> {
  const { tag, commit, title, body, prerelease, latest } = draft;
  const { status, value } = await send({
    method: "POST",
    path: `${root}/releases`,
    body: {
      tag_name: tag,
      target_commitish: commit,
      name: title,
      body,
      prerelease,
      make_latest: latest ? "true" : "false",
    },
    expected: [422],
  });
  if (status < 300) return true;
  // Whoever asks again after a lost reply is told the same as one whose tag another has used.
  if (listOf(at(value, "errors")).some((each) => at(each, "code") === "already_exists")) return false;
  const said = wordsAt(value, "message") || "Validation Failed";
  throw new UserError("forge/refused", `GitHub takes no release for the tag ${tag}: ${said}`);
}

async function writeBranch(send: Send, root: string, commit: BranchCommit): Promise<boolean> {
  const { branch, parent, message, files } = commit;
  const { value: base } = await send({ method: "GET", path: `${root}/git/commits/${parent}` });
  const tree = files.map(({ path, text, executable }) => ({
    path,
    mode: executable ? "100755" : "100644",
    type: "blob",
    ...(text === null ? { sha: null } : { content: text }),
  }));
  const body = { base_tree: textAt(base, "tree", "sha"), tree };
  const { value: made } = await send({ method: "POST", path: `${root}/git/trees`, body });
  const treeId = textAt(made, "sha");
  const ref = `heads/${branch.split("/").map(encodeURIComponent).join("/")}`;
  const { status, value: tip } = await send({
    method: "GET",
    path: `${root}/git/ref/${ref}`,
    expected: [404],
  });
  const now = status === 404 ? null : textAt(tip, "object", "sha");
  if (now !== null) {
    const { value } = await send({ method: "GET", path: `${root}/git/commits/${now}` });
    const parents = listOf(at(value, "parents")).map((each) => at(each, "sha"));
    const same = textAt(value, "tree", "sha") === treeId && parents.length === 1 && parents[0] === parent;
    if (same) return false;
  }
  const { value: written } = await send({
    method: "POST",
    path: `${root}/git/commits`,
    body: { message, tree: treeId, parents: [parent] },
  });
  const sha = textAt(written, "sha");
  if (now === null)
    await send({ method: "POST", path: `${root}/git/refs`, body: { ref: `refs/heads/${branch}`, sha } });
  else await send({ method: "PATCH", path: `${root}/git/refs/${ref}`, body: { sha, force: true } });
  return true;
}

function requestFrom(value: unknown): ChangeRequest {
  return {
    number: numberAt(value, "number"),
    url: wordsAt(value, "html_url"),
    title: wordsAt(value, "title"),
    body: wordsAt(value, "body"),
  };
}

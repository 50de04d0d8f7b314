import { at, listOf, numberAt, wordsAt } from "./answers.ts";
import { listComments, PER_PAGE, type Send } from "./list-comments.ts";
import type { BranchCommit, ChangeRequest, Forge } from "./types.ts";

/** GitLab's REST API, version 4. */
export function gitLab(send: Send, repository: string): Forge {
  const root = `/projects/${encodeURIComponent(repository)}`;
  return {
    title: "GitLab",
    requestTitle: "merge request",
    writeBranch: (commit) => writeBranch(send, root, commit),
    findRequest: async ({ head, base }) => {
      const query = `source_branch=${encodeURIComponent(head)}&target_branch=${encodeURIComponent(base)}`;
      const { value } = await send({ method: "GET", path: `${root}/merge_requests?state=opened&${query}` });
      return listOf(value).map(requestFrom)[0] ?? null;
    },
    openRequest: async ({ head, base }, { title, body }) => {
      const { value } = await send({
        method: "POST",
        path: `${root}/merge_requests`,
        body: {
          source_branch: head,
          target_branch: base,
          title,
          description: body,
          remove_source_branch: true,
        },
      });
      return requestFrom(value);
    },
    editRequest: async (number, { title, body }) => {
      const text = { title, description: body };
      await send({ method: "PUT", path: `${root}/merge_requests/${number}`, body: text });
    },
    requestOfCommit: async ({ commit, branch }) => {
      const query = `state=opened&source_branch=${encodeURIComponent(branch)}&per_page=${PER_PAGE}`;
      const { value } = await send({ method: "GET", path: `${root}/merge_requests?${query}` });
      const found = listOf(value).find((each) => at(each, "sha") === commit);
      return found === undefined ? null : requestFrom(found);
    },
    comments: (number) =>
      listComments(send, `${root}/merge_requests/${number}/notes`, ["author", "username"]),
    addComment: async (number, body) => {
      await send({ method: "POST", path: `${root}/merge_requests/${number}/notes`, body: { body } });
    },
    editComment: async (number, comment, body) => {
      await send({
        method: "PUT",
        path: `${root}/merge_requests/${number}/notes/${comment}`,
        body: { body },
      });
    },
    ...releases(send, root),
  };
}

function releases(
  send: Send,
  root: string,
): Pick<Forge, "releaseCharactersMax" | "newestReleases" | "createRelease"> {
  return {
    releaseCharactersMax: 1_000_000,
    newestReleases: async () => {
      const { value } = await send({ method: "GET", path: `${root}/releases?per_page=${PER_PAGE}` });
      return new Set(listOf(value).map((each) => wordsAt(each, "tag_name")));
    },
    createRelease: async ({ tag, commit, title, body }) => {
      const { status } = await send({
        method: "POST",
        path: `${root}/releases`,
        body: { tag_name: tag, ref: commit, name: title, description: body },
        // The tag has a release.
        expected: [409],
      });
      return status !== 409;
    },
  };
}

/** One request makes the commit and moves the branch; `force` lets it replace what the branch was. */
async function writeBranch(send: Send, root: string, commit: BranchCommit): Promise<boolean> {
  const actions = commit.files.map(({ path, text, isNew }) =>
    text === null
      ? { action: "delete", file_path: path }
      : { action: isNew ? "create" : "update", file_path: path, content: text },
  );
  const { branch, parent, message } = commit;
  await send({
    method: "POST",
    path: `${root}/repository/commits`,
    body: { branch, start_sha: parent, force: true, commit_message: message, actions },
  });
  return true;
}

function requestFrom(value: unknown): ChangeRequest {
  return {
    number: numberAt(value, "iid"),
    url: wordsAt(value, "web_url"),
    title: wordsAt(value, "title"),
    body: wordsAt(value, "description"),
  };
}

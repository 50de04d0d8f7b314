import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface FakeGraphql {
  readonly url: string;
  /** The credential of each call, in order. */
  readonly calls: (string | undefined)[];
  close(): Promise<void>;
}

/**
 * GitHub's GraphQL API as far as @changesets/get-github-info asks it (its `makeQuery`): what it says of a commit or of a
 * pull request follows from the name of that alone, so two who ask get the same.
 *
 * @param silentAbout a commit that it has nothing to say about, as when it was not pushed.
 */
export async function fakeGithubGraphql(silentAbout: () => string | undefined): Promise<FakeGraphql> {
  const calls: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    calls.push(request.headers.authorization);
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      const { query } = JSON.parse(body) as { query: string };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ data: answerTo(query, silentAbout()) }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    calls,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function answerTo(query: string, silentAbout: string | undefined): Record<string, unknown> {
  const [, ...repositories] = query.split(/(?=\b\w+: repository\()/);
  return Object.fromEntries(
    repositories.map((text) => {
      const commits = [...text.matchAll(/(\w+): object\(expression: "(\w+)"/g)].map(
        ([, alias = "", commit = ""]) => [alias, commit === silentAbout ? null : commitAnswer(commit)],
      );
      const pulls = [...text.matchAll(/(\w+): pullRequest\(number: (\d+)/g)].map(
        ([, alias = "", number = ""]) => [alias, pullAnswer(Number(number))],
      );
      const alias = text.slice(0, text.indexOf(":"));
      return [alias, Object.fromEntries([...commits, ...pulls])];
    }),
  );
}

function commitAnswer(commit: string) {
  const number = Number.parseInt(commit.slice(0, 3), 16) + 1;
  const isMerged = number % 3 !== 0;
  const pull = {
    number,
    url: urlOf(`pull/${number}`),
    mergedAt: "2026-01-02T03:04:05Z",
    author: userOf(number),
  };
  return {
    commitUrl: urlOf(`commit/${commit}`),
    associatedPullRequests: { nodes: isMerged ? [pull] : [] },
    author: { user: userOf(number + 1) },
  };
}

function pullAnswer(number: number) {
  const oid = number.toString(16).padStart(7, "0");
  return {
    url: urlOf(`pull/${number}`),
    author: userOf(number),
    mergeCommit: { commitUrl: urlOf(`commit/${oid}`), abbreviatedOid: oid },
  };
}

function userOf(number: number) {
  const login = `user-${number % 5}`;
  return { login, url: `https://github.com/${login}` };
}

function urlOf(path: string): string {
  return `https://github.com/some/where/${path}`;
}

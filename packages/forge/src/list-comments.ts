import { listOf, numberAt, wordsAt } from "./answers.ts";
import type { ForgeAnswer, ForgeRequest } from "./forge-client.ts";
import type { ForgeComment } from "./types.ts";

export type Send = (request: ForgeRequest) => Promise<ForgeAnswer>;

/** The most that either forge gives in one answer. */
export const PER_PAGE = 100;

const PAGES_MAX = 30;

/**
 * All comments below a path of an API, page by page.
 *
 * @param author where a comment names who wrote it
 */
export async function listComments(
  send: Send,
  path: string,
  author: readonly [string, string],
): Promise<readonly ForgeComment[]> {
  const found: ForgeComment[] = [];
  for (let page = 1; page <= PAGES_MAX; page++) {
    const { value } = await send({ method: "GET", path: `${path}?per_page=${PER_PAGE}&page=${page}` });
    const list = listOf(value);
    for (const each of list)
      found.push({
        id: numberAt(each, "id"),
        author: wordsAt(each, ...author),
        body: wordsAt(each, "body"),
      });
    if (list.length < PER_PAGE) break;
  }
  return found;
}

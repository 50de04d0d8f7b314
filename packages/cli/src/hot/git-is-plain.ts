/** Variables of git that have no part in what it finds, reads or ignores, and those that CI systems call so. */
const withoutEffect = new RegExp(
  `^GIT_(?:${[
    "ALLOW_PROTOCOL|ASKPASS|AUTHOR_\\w+|COMMITTER_\\w+|CURL_\\w+|EDITOR|FLUSH|HTTP_\\w+|LFS_\\w+|MERGE_AUTOEDIT",
    "OPTIONAL_LOCKS|PAGER|PREFIX|PROGRESS_DELAY|PROXY_\\w+|PS1_\\w+|SEQUENCE_EDITOR|SSH|SSH_COMMAND|SSL_\\w+",
    "TERMINAL_PROMPT|TRACE\\w*",
    // Jenkins and GitLab.
    "BRANCH|CHECKOUT|CLEAN_FLAGS|CLONE_PATH|COMMIT|DEPTH|FETCH_EXTRA_FLAGS|LOCAL_BRANCH|PREVIOUS_\\w+|STRATEGY|URL",
  ].join("|")})$`,
);

/** False: a variable may make git find, read or ignore other things than its files say. */
export function isGitPlain(env: NodeJS.ProcessEnv): boolean {
  return Object.keys(env).every((name) => !name.startsWith("GIT_") || withoutEffect.test(name));
}

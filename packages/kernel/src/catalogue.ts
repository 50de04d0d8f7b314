/**
 * Every way a user can fail us, or the world can: one row = one code, one exit status, one heading in docs/errors.md.
 * Exit 1: a task or gate failed. 2: wrong use or configuration. 3: the outside failed, a retry may help.
 */
export const userErrors = {
  "cli/unknown-command": { exit: 2 },
  "cli/unknown-flag": { exit: 2 },
  "cli/bad-argument": { exit: 2 },
  "workspace/not-found": { exit: 2 },
  "workspace/unreadable": { exit: 2 },
  "workspace/bad-manifest": { exit: 2 },
  "workspace/duplicate-name": { exit: 2 },
  "config/malformed": { exit: 2 },
  "task/cycle": { exit: 2 },
  "task/unknown": { exit: 2 },
  "task/needs-persistent": { exit: 2 },
  "package/unknown": { exit: 2 },
  "changeset/malformed": { exit: 2 },
  "changeset/unknown-package": { exit: 2 },
  "git/not-a-repository": { exit: 2 },
  "git/unknown-ref": { exit: 2 },
  "git/missing-history": { exit: 2 },
  "git/failed": { exit: 3 },
  "host/install-failed": { exit: 3 },
  "host/manager-missing": { exit: 2 },
  "host/port-taken": { exit: 3 },
  "host/disk-full": { exit: 3 },
  "registry/unreachable": { exit: 3 },
  "registry/version-taken": { exit: 1 },
  "registry/unauthorized": { exit: 2 },
  "registry/not-started": { exit: 3 },
  "pack/unresolved-range": { exit: 2 },
  "pack/unreadable": { exit: 2 },
  "ledger/damaged": { exit: 2 },
  "release/locked": { exit: 3 },
  "release/dirty-tree": { exit: 2 },
  "release/not-approved": { exit: 2 },
  "release/needs-token": { exit: 2 },
} as const satisfies Record<string, { readonly exit: 1 | 2 | 3 }>;

export type UserErrorCode = keyof typeof userErrors;

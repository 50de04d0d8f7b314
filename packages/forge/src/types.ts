import type { RelativePath } from "@slipway/kernel";

/** A repository's place on a forge, and the right to write there. */
export interface ForgeTarget {
  readonly kind: "github" | "gitlab";
  /** Without a slash at its end: `https://api.github.com`, `https://gitlab.com/api/v4`. */
  readonly apiUrl: string;
  /** `owner/name` on GitHub; the number or the path of the project on GitLab. */
  readonly repository: string;
  readonly token: string | null;
  /** True: the token is that of a GitLab job, which may write releases and little else. */
  readonly isJobToken?: boolean;
}

/** One attempt at a request; tests give a handler that answers by itself. */
export type ForgeTransport = (request: Request) => Promise<Response>;

/** What Slipway asks of a forge. Every method may be called again after a failure: it ends in the same state. */
export interface Forge {
  /** What people call it: `GitHub`. */
  readonly title: string;
  /** What a request to merge is called there: `pull request`. */
  readonly requestTitle: string;
  /** Makes `branch` one commit on top of `parent`, whatever it was before. @returns false when it was just that already */
  writeBranch(commit: BranchCommit): Promise<boolean>;
  /** The open request from one branch of the repository into another. */
  findRequest(branches: Branches): Promise<ChangeRequest | null>;
  openRequest(branches: Branches, text: RequestText): Promise<ChangeRequest>;
  editRequest(number: number, text: RequestText): Promise<void>;
  /** The open request whose newest commit this is, also of a fork's branch. */
  requestOfCommit(head: ForkHead): Promise<ChangeRequest | null>;
  comments(number: number): Promise<readonly ForgeComment[]>;
  addComment(number: number, body: string): Promise<void>;
  editComment(request: number, comment: number, body: string): Promise<void>;
  /** The git tags of the newest releases, at least a hundred where there are as many. */
  newestReleases(): Promise<ReadonlySet<string>>;
  /** @returns false when its tag had a release already, which stays as it is */
  createRelease(draft: ForgeReleaseDraft): Promise<boolean>;
  /** What a release's text may have. */
  readonly releaseCharactersMax: number;
}

/** A page about a git tag. */
export interface ForgeReleaseDraft {
  readonly tag: string;
  /** A full object name: where the tag stands. */
  readonly commit: string;
  readonly title: string;
  readonly body: string;
  /** GitLab has no word for it. */
  readonly prerelease: boolean;
  /** Shown as the newest that users should take; GitLab takes the one that was made last. */
  readonly latest: boolean;
}

export interface BranchCommit {
  readonly branch: string;
  /** A full object name that the forge has. */
  readonly parent: string;
  readonly message: string;
  readonly files: readonly BranchFile[];
}

export interface BranchFile {
  /** Relative to the top of the repository. */
  readonly path: RelativePath;
  /** Null: the file goes. */
  readonly text: string | null;
  /** Whether the parent has it. */
  readonly isNew: boolean;
  readonly executable: boolean;
}

export interface Branches {
  readonly head: string;
  readonly base: string;
}

export interface RequestText {
  readonly title: string;
  readonly body: string;
}

export interface ChangeRequest {
  readonly number: number;
  readonly url: string;
  readonly title: string;
  readonly body: string;
}

/** The newest commit of a branch, in the repository itself or in a fork of it. */
export interface ForkHead {
  readonly commit: string;
  /** Who has the fork: `somebody`. */
  readonly owner: string;
  readonly branch: string;
}

export interface ForgeComment {
  readonly id: number;
  /** The account's name; apps end in `[bot]` on GitHub. */
  readonly author: string;
  readonly body: string;
}

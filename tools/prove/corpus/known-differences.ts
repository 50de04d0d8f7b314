const peerScript = "the repository ran its own scripts/bump-peer-dep-ranges.js after `changeset version`";
const bareWorkspaceRange =
  "released by @changesets/cli 2.26, which took the peer range `workspace:^` for one that nothing satisfies";

/** Releases that neither generation reproduces, by commit, with the cause as the repository's history shows it. */
export const knownDifferences: Readonly<Record<string, string>> = {
  f10575ac6d: bareWorkspaceRange,
  fe91f9e309: bareWorkspaceRange,
  "12bde7a3ff": peerScript,
  "2d77f14da8": peerScript,
  "9118720b2d": peerScript,
  bee9f77ae0: peerScript,
  "63b185aaca": peerScript,
  "145cbf2916": peerScript,
  "9adb1cd073": peerScript,
  ddafb83293: peerScript,
  f0694cbc1a: peerScript,
  "740409e549": peerScript,
  "850a0ff49d": peerScript,
};

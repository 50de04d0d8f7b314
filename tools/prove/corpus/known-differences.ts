/** Releases that are not reproduced, by generation and commit, with the cause. */
export const knownDifferences: Readonly<Record<string, string>> = {};

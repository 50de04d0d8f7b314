/** One thing that the transaction does is left out or done wrongly, by a change of its source. */
export interface Mutant {
  readonly what: string;
  /** Relative to packages/. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly find: string;
  readonly replace: string;
}

type Change = readonly [what: string, find: string, replace: string];

function inFile(file: string, changes: readonly Change[]): Mutant[] {
  return changes.map(([what, find, replace]) => ({ file, what, find, replace }));
}

export const mutants: readonly Mutant[] = [
  ...inFile("release/src/upload.ts", [
    [
      "other bytes under the version count as ours",
      `if (version.integrity === sealed) return`,
      `if (version.integrity !== null || sealed) return`,
    ],
    [
      "a tarball that is there counts as ours, whatever it holds",
      `if (context.ports.integrityOf(bytes) === sealedIntegrity(each)) return { seen: "ours" };`,
      `return { seen: "ours" };`,
    ],
    [
      "what an interrupted run began to send is sent without a look",
      `looksFirst: context.begun.has(each.name),`,
      `looksFirst: false,`,
    ],
    ["uploads go under the final dist-tag", `tag: plan.batchTag ?? each.tag,`, `tag: each.tag,`],
    [
      "a tarball that is not listed is an orphan at once",
      `certain: await isCutOff(context, each, bytes),`,
      `certain: true,`,
    ],
    ["uploads carry no mark", `      release: plan.id,`, `      release: "",`],
  ]),
  ...inFile("release/src/settle.ts", [
    [
      "an answer that says nothing counts as done",
      `if (answer?.outcome === "accepted" && !attempt.looksAfter)`,
      `if (answer && answer.outcome !== "permanent" && !attempt.looksAfter)`,
    ],
    [
      `"it exists already" counts as ours`,
      `if (found.seen === "ours")`,
      `if (found.seen === "ours" || answer?.outcome === "conflict")`,
    ],
    [
      "foreign counts as ours",
      `if (found.seen === "foreign") return { outcome: "conflict", ...withoutSeen(found) };`,
      `if (found.seen === "foreign") return { outcome: "already-ours" };`,
    ],
    [
      "an act follows a look that failed",
      `mayAct = !patience && !mayBeThere && found.seen !== "nothing" && answer?.outcome !== "conflict";`,
      `mayAct = true;`,
    ],
    [
      "a damaged download of a tarball that is not listed is followed by sending it",
      `const orphanLooksMax = 4;`,
      `const orphanLooksMax = 1;`,
    ],
    ["nobody looks after an act that was accepted", `!attempt.looksAfter) return`, `attempt) return`],
  ]),
  ...inFile("release/src/confirm.ts", [
    [
      "nothing is confirmed",
      `  const wrong = { downloads: 0 };`,
      `  if (context.plan) return { outcome: "done" };\n  const wrong = { downloads: 0 };`,
    ],
    [
      "the packument is not waited for",
      `if (inView.seen !== "ours") return { outcome: "unknown", message: "not yet visible" };`,
      ``,
    ],
    [
      "the tarball is not downloaded",
      `    const bytes = await ports`,
      `    if (inView.seen === "ours") return { outcome: "done" };\n    const bytes = await ports`,
    ],
    ["the download is not compared", `if (served === sealedIntegrity(each)) return`, `if (served) return`],
    ["one damaged download ends the release", `const wrongDownloadsMax = 3;`, `const wrongDownloadsMax = 1;`],
    ["a lost batch tag is not set again", `if (batchTag === null ||`, `if (batchTag !== "" ||`],
  ]),
  ...inFile("release/src/promote.ts", [
    [
      "a dist-tag moves without a look",
      `  if (before.seen === "ours") return { outcome: "already-ours" };`,
      ``,
    ],
    [
      "nobody looks where the dist-tag ended",
      `    if (!isDone(removed)) return removed;`,
      `    if (removed) return removed;`,
    ],
    [
      "the other batch tags go before a look at the last package",
      `  if (!isDone(moved) || !isSign) return moved;`,
      `  if (moved) return moved;`,
    ],
    [
      "the last batch tag goes though its dist-tag was seen put back",
      `return seen !== null && lookAtTag(each, seen).seen !== "ours";`,
      `return seen === null && each.name === "";`,
    ],
    [
      "a dist-tag that got lost is not set again",
      `if (count % 5 === 0 && view) await watched.again(view);`,
      ``,
    ],
    ["batch tags stay", `answer = await registry.removeTag(each.name, tag);`, `void tag;`],
  ]),
  ...inFile("release/src/stage.ts", [
    [
      "what waits for approval is not compared",
      `  if (served === sealedIntegrity(each)) return { seen: "ours" };`,
      `  if (served) return { seen: "ours" };`,
    ],
    [
      "one damaged download of what waits ends the release",
      `const downloadsMax = 3;`,
      `const downloadsMax = 1;`,
    ],
    [
      "what does not wait any more counts as approved",
      `if (deadline.leftMs() <= 0 || ports.stopped()) return waiting;`,
      `if (count > 0) return { outcome: "already-ours" };`,
    ],
    [
      "nobody compares what was taken in",
      `  if (settled.outcome !== "done") return settled;`,
      `  if (settled.outcome) return settled;`,
    ],
  ]),
  ...inFile("release/src/standing.ts", [
    ["a later version is moved back", `return compare(current, version) > 0;`, `return false;`],
  ]),
  ...inFile("release/src/context.ts", [
    [
      "a look serves however old it is",
      `ageMs >= 0 && ageMs <= context.limits.lookAgeMsMax`,
      `ageMs === ageMs`,
    ],
  ]),
  ...inFile("release/src/next-steps.ts", [
    ["nothing is looked at first", `if (!progress.surveyed)`, `if (!progress.surveyed && plan.id === "")`],
    [
      "a conflict stops nothing",
      `if (progress.finished || hasConflict(progress)) return [];`,
      `if (progress.finished) return [];`,
    ],
    ["git tags come before they are due", `    ["promote", progress.promoted, true],\n`, ``],
    [
      "dist-tags move before all is confirmed",
      `    ["confirm", progress.confirmed, false],\n    ["promote", progress.promoted, true],`,
      `    ["promote", progress.promoted, true],\n    ["confirm", progress.confirmed, false],`,
    ],
    [
      "dist-tags of dependents move first",
      `["promote", progress.promoted, true]`,
      `["promote", progress.promoted, false]`,
    ],
    [
      "uploads do not wait for what they need",
      `["upload", progress.uploaded, !isStaged]`,
      `["upload", progress.uploaded, false]`,
    ],
    [
      "batch tags go before the git tags",
      `if (kind === "clean" && !progress.gitTagged)`,
      `if (kind === "upload" && progress.gitTagged)`,
    ],
    ["no batch tag is kept to the end", `open.slice(0, -1) : open`, `open : open`],
    [
      "a part of what is staged is approved before all of it is",
      `if (done.size === plan.packages.length) continue;`,
      `if (done.size > 0 && (kind === "upload" || done.size === plan.packages.length)) continue;`,
    ],
    [
      "dependents are approved first",
      `["approve", progress.approved, true]`,
      `["approve", progress.approved, false]`,
    ],
  ]),
  ...inFile("release/src/execute-release.ts", [
    [
      "the intent is not waited for",
      `    await this.record("intent", { step: kind, package: each.name, version: each.version });`,
      `    void this.record("intent", { step: kind, package: each.name, version: each.version }).catch(() => {});`,
    ],
    [
      "git tags that were refused count as made",
      `    const settled = await tagInGit(this.context);`,
      `    await tagInGit(this.context);\n    const settled: Settled = { outcome: "done" } as Settled;`,
    ],
  ]),
  ...inFile("release/src/tag-in-git.ts", [["git tags are not looked after", `looksAfter: true,`, ``]]),
  ...inFile("release/src/progress.ts", [
    ["an upload that never showed itself stays done", `    now.uploaded.delete(name);\n`, ``],
    ["an approval that never showed itself stays done", `    now.approved.delete(name);\n`, ``],
    ["a failure of one run is one of the next, too", `      now.failed.clear();\n`, ``],
  ]),
  ...inFile("release/src/journal.ts", [
    ["a torn line is not cut", `if (parsed.torn) await port.cut(parsed.sound);`, ``],
    [
      "a record does not wait for the disk",
      `    return open.written;`,
      `    void open.written.catch(() => {});\n    return Promise.resolve();`,
    ],
  ]),
  ...inFile("release/src/deadline.ts", [
    ["a clock that is put back lengthens a wait", `endMs = Math.min(endMs, nowMs + budgetMs);`, ``],
  ]),
  ...inFile("plan/src/release/plan-release.ts", [
    [
      "what another machine staged is not adopted",
      `const waiting = there ? null : stagedOf(member, input);`,
      `const waiting = null;`,
    ],
    ["what this commit uploaded is not adopted", `isUnfinishedHere(mark, input) ||`, ``],
    ["what lost its batch tag is not adopted", `input.openReleases.has(mark.release) ||`, ``],
    ["a version of somebody else is adopted", `if (!mark) return false;`, `if (!mark) return true;`],
    [
      "a moved dist-tag counts as where it was found",
      `from: mark ? mark.from || null : first ? null : current,`,
      `from: first ? null : current,`,
    ],
  ]),
  ...inFile("plan/src/release/plan-git-tags.ts", [
    [
      "git tags are made at HEAD",
      `(commits.get(name) ?? markOfMember(candidate, input)?.commit);`,
      `(commits.has(name) || markOfMember(candidate, input) ? input.commit : undefined);`,
    ],
    [
      "a batch that was cut off before its own git tag has ended",
      `if (count > 1 && !(gitBatchTagOf(release) in gitTags)) return release;`,
      ``,
    ],
  ]),
];

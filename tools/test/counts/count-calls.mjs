// Preloaded into Slipway: counts what it asks of the system, and writes the counts when it ends.
import childProcess from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import { registerHooks, syncBuiltinESMExports } from "node:module";

const counts = {
  stats: 0,
  opens: 0,
  lists: 0,
  bytesRead: 0,
  bytesHashed: 0,
  bytesWritten: 0,
  spawns: 0,
  modules: 0,
};
const { writeFileSync } = fs;

/** The program's own files are counted as modules. */
function isOwn(path) {
  return (
    path instanceof URL ||
    (typeof path === "string" && /packages\/cli\/(?:dist|bin|package\.json)/.test(path))
  );
}

/** @param {Record<string, Function>} holder */
function count(holder, names, note) {
  for (const name of names) {
    const real = holder[name];
    holder[name] = (...args) => {
      const answer = Reflect.apply(real, holder, args);
      if (!isOwn(args[0])) note(answer, args);
      return answer;
    };
  }
}

count(fs, ["statSync", "lstatSync"], () => (counts.stats += 1));
count(fs, ["openSync"], () => (counts.opens += 1));
count(fs, ["readSync"], (length) => (counts.bytesRead += length));
count(fs, ["readdirSync"], () => (counts.lists += 1));
count(fs, ["writeSync"], (written, [file]) => {
  // What is said on stdout and stderr is no matter.
  if (file > 2) counts.bytesWritten += written;
});
count(fs, ["readFileSync"], (bytes) => {
  counts.opens += 1;
  counts.bytesRead += bytes.length;
});
count(crypto, ["hash"], (_, [, bytes]) => (counts.bytesHashed += bytes.length));
count(childProcess, ["spawn", "spawnSync", "execFileSync", "execFile"], () => (counts.spawns += 1));
syncBuiltinESMExports();
registerHooks({
  load(url, context, next) {
    // What is a part of Node is asked for again by every module that uses it, and costs once.
    if (url.startsWith("file:")) counts.modules += 1;
    return next(url, context);
  },
});
// Parts of Node that take long to load.
const heavy = ["readline", "perf_hooks", "http", "worker_threads"];
const loaded = () => heavy.filter((name) => process.moduleLoadList.includes(`NativeModule ${name}`));
process.on("exit", () =>
  writeFileSync(process.env["COUNTS_FILE"], JSON.stringify({ ...counts, heavy: loaded() })),
);

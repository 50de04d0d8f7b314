#!/usr/bin/env node
// Plain JavaScript that an old Node understands too: it has to be able to say that it is too old.
const oldest = [22, 13];
/** Compiled code that is older is made anew. */
const codeKeptDays = 30;
/** Set where jobs of others may have run as the same user, or have left the cache: their code would be carried out here. */
const sharedMachines = "CI SLIPWAY_TRUST_DOMAIN TF_BUILD JENKINS_URL TEAMCITY_VERSION CODEBUILD_BUILD_ID";
/** What these do cannot be taken back: they start with nothing but what was installed. */
const publishing = ["release", "seal", "promote", "rollback"];
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
  process.stderr.write(
    `slipway needs Node ${oldest.join(".")} or later; this is Node ${process.versions.node} (${process.execPath}).\n`,
  );
  process.exitCode = 2;
} else {
  if (mayKeepCode()) require("node:module").enableCompileCache();
  load(process.argv.includes("affected") ? "start-affected" : "start");
}

/**
 * Like `require`, with those functions compiled that an earlier start of the same program called. Node's own cache knows
 * none but the outermost, and to compile the others takes longer than all that a short run does.
 */
function load(name) {
  const fs = require("node:fs");
  const path = require("node:path");
  const vm = require("node:vm");
  const { pathToFileURL } = require("node:url");
  const filename = path.join(__dirname, "../dist", `${name}.cjs`);
  const source = fs.readFileSync(filename);
  const place = codePlace(name, path);
  const kept = place && keptCode(place, source, fs);
  const head = "(function (exports, require, module, __filename, __dirname, importModule) {";
  const script = new vm.Script(`${head}${source.toString("utf8")}\n})`, {
    filename,
    columnOffset: -head.length,
    ...(kept ? { cachedData: kept.code } : {}),
  });
  const started = { exports: {} };
  if (place) {
    process.once("exit", () => {
      const { told, way = 1 } = started.exports.begun || {};
      const before = kept && !script.cachedDataRejected ? kept.ways : 0;
      // What the whole program calls is not what a short run calls.
      if (told && (before & way) === 0) keepCode(place, source, { script, ways: before | way, fs, path });
    });
  }
  const dist = path.dirname(filename);
  const importModule = (file) =>
    file.endsWith(".cjs")
      ? load(path.basename(file, ".cjs"))
      : import(pathToFileURL(path.join(dist, file)).href);
  script.runInThisContext()(started.exports, require, started, filename, dist, importModule);
}

function mayKeepCode() {
  const isShared = sharedMachines.split(" ").some((name) => process.env[name]);
  return !isShared && !publishing.some((word) => process.argv.includes(word));
}

/** Beside the store, in the user's own cache; null where there is none, or where no code is to be kept. */
function codePlace(name, path) {
  if (!mayKeepCode()) return null;
  const { SLIPWAY_CACHE_DIR, XDG_CACHE_HOME, HOME, NODE_DISABLE_COMPILE_CACHE, NODE_V8_COVERAGE } =
    process.env;
  const home = XDG_CACHE_HOME || (HOME && path.join(HOME, ".cache"));
  const own = SLIPWAY_CACHE_DIR || (home && path.join(home, "slipway"));
  if (!own || !path.isAbsolute(own) || NODE_DISABLE_COMPILE_CACHE || NODE_V8_COVERAGE) return null;
  return path.join(own, "code", `${name}-${process.version}-${process.arch}`);
}

/**
 * The ways that short runs took, how long the source and the code are, the source, and the code twice: V8 itself looks
 * neither at what code was made of, but for its length, nor at whether a disk has changed it.
 */
function keptCode(place, source, fs) {
  try {
    const stat = fs.statSync(place, { throwIfNoEntry: false });
    // Code is carried out: that of somebody else is not, as it may be where another user's HOME is kept.
    if (!stat || (process.getuid && stat.uid !== process.getuid())) return null;
    const bytes = fs.readFileSync(place);
    const ways = bytes.readUInt32LE(0);
    const from = 12 + bytes.readUInt32LE(4);
    const size = bytes.readUInt32LE(8);
    const code = bytes.subarray(from, from + size);
    const isSame = bytes.length === from + 2 * size && source.equals(bytes.subarray(12, from));
    return isSame && code.equals(bytes.subarray(from + size)) ? { code, ways } : null;
  } catch {
    return null;
  }
}

function keepCode(place, source, { script, ways, fs, path }) {
  const temporary = `${place}.${process.pid}.tmp`;
  try {
    const code = script.createCachedData();
    const head = Buffer.alloc(12);
    head.writeUInt32LE(ways, 0);
    head.writeUInt32LE(source.length, 4);
    head.writeUInt32LE(code.length, 8);
    const dir = path.dirname(place);
    fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
    fs.writeFileSync(temporary, Buffer.concat([head, source, code, code]), { mode: 0o600 });
    fs.renameSync(temporary, place);
    // Of other versions of Node, and of starts that were killed.
    const oldestMs = Date.now() - codeKeptDays * 24 * 3600 * 1000;
    for (const each of fs.readdirSync(dir).map((file) => path.join(dir, file)))
      if (fs.statSync(each).mtimeMs < oldestMs) fs.unlinkSync(each);
  } catch {
    // A full disk, or no place of one's own: the next start compiles again what it calls.
  }
}

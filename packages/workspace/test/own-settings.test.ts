import { expect, test } from "vitest";
import { readWorkspace } from "../src/index.ts";

const files = {
  "package.json": '{ "name": "root", "workspaces": ["apps/*"] }',
  "turbo.json":
    '{ "tasks": { "dev": { "cache": false, "persistent": true }, "e2e": { "dependsOn": ["^build"] } } }',
  "apps/api/package.json": '{ "name": "api", "version": "1.0.0", "scripts": { "dev": "x", "e2e": "x" } }',
  "apps/web/package.json": '{ "name": "web", "version": "1.0.0", "scripts": { "dev": "x", "e2e": "x" } }',
};

function read(settings: string) {
  return readWorkspace({ files: new Map(Object.entries({ ...files, "slipway.json": settings })) });
}

function ruleOf(settings: string, id: string) {
  const found = read(settings);
  if (!found.ok) throw new Error(JSON.stringify(found.problems));
  return found.value.tasks.rules.find((rule) => `${rule.package}#${rule.task}` === id);
}

test("slipway.json adds to the rules of turbo.json what that has no words for", () => {
  const settings = `{ "tasks": {
    "dev": { "readyWhen": { "port": 3000, "logMatches": "up" }, "interruptible": true },
    "api#dev": { "readyWhen": { "url": "http://localhost:4000/", "timeout": 1000 } },
    // comments are fine
    "web#e2e": { "dependsOn": ["api#dev"], "exclusive": true },
  } }`;
  expect(ruleOf(settings, "web#dev")).toMatchObject({
    interruptible: true,
    readyWhen: { port: 3000, logMatches: ["up"], timeoutMs: 600_000 },
  });
  expect(ruleOf(settings, "api#dev")?.readyWhen).toEqual({ url: "http://localhost:4000/", timeoutMs: 1000 });
  expect(ruleOf(settings, "web#e2e")).toMatchObject({
    parallelism: false,
    dependsOn: [
      { kind: "dependencies", task: "build" },
      { kind: "package", package: "api", task: "dev" },
    ],
    sources: { exclusive: "slipway.json:5", dependsOn: "slipway.json:5" },
  });
  expect(ruleOf(settings, "api#e2e")?.parallelism).toBe(true);
});

test("all that is wrong in it is said at once, with its line", () => {
  const found = read(`{ "tasks": {
    "dev": { "persistent": "yes", "readyWhen": { "port": 99999, "url": 5 } },
    "api#dev": { "readyWhen": {} },
    "e2e": 1,
    "web#e2e": { "dependsOn": "api#dev" }
  } }`);
  expect(found.ok ? [] : found.problems.map(({ line, message }) => `${line}: ${message}`)).toEqual([
    '2: "persistent" must be true or false (task "dev")',
    '2: port must be a number from 1 to 65535; url must be a text (task "dev")',
    '3: readyWhen names no port, url, command or logMatches (task "api#dev")',
    '4: the task "e2e" must be an object',
    '5: "dependsOn" must be a list of texts (task "web#e2e")',
  ]);
});

test("a key that means nothing is a warning", () => {
  const found = read('{ "tasks": { "api#devv": {}, "dev": { "redyWhen": {} } }, "release": {} }');
  expect(found.warnings.map(({ message, hint }) => `${message} ${hint ?? ""}`)).toEqual([
    'unknown key "redyWhen" of the task "dev" ',
    'there is no task "api#devv" did you mean "api#dev"?',
  ]);
});

test("a task that is waited for and that nobody has is a warning", () => {
  const found = read(
    '{ "tasks": { "web#e2e": { "dependsOn": ["api#dve", "api#dev"], "with": ["dve", "^e2e"] } } }',
  );
  expect(found.warnings.map(({ message, hint }) => `${message}: ${hint}`)).toEqual([
    'there is no task "api#dve": did you mean "api#dev"?',
    'there is no task "dve": did you mean "dev"?',
  ]);
});

test.each([
  ["", "slipway.json is empty"],
  ["{", "slipway.json is not valid JSON: close brace expected"],
  ["[]", "slipway.json must hold an object"],
])("a text that is no settings is said: %j", (text, message) => {
  const found = read(text);
  expect(found.ok ? [] : found.problems.map((problem) => problem.message)).toEqual([message]);
});

test("a slip in the name of the whole is a warning", () => {
  expect(read('{ "task": {} }').warnings).toMatchObject([
    { message: 'unknown key "task"', hint: 'did you mean "tasks"?' },
  ]);
});

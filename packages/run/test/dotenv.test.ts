import { expect, test } from "vitest";
import { dotenvTexts, dotenvVariables } from "../src/dotenv.ts";

test("the forms that dotenv files have are read as nx reads them", () => {
  const text = [
    "# comment",
    "PLAIN=one two # said",
    "  export SPACED = kept ",
    "COLON: yes",
    "EMPTY=",
    `SINGLE='a # b\\n'`,
    `DOUBLE="first\\nsecond" # said`,
    'LINES="over',
    'two"',
    'BACK=`it\'s "fine"`',
    `LOOSE="open`,
    "not a definition",
    "TWICE=1",
    "TWICE=2",
  ].join("\r\n");
  expect(dotenvVariables([text], {})).toEqual({
    PLAIN: "one two",
    SPACED: "kept",
    COLON: "yes",
    EMPTY: "",
    SINGLE: "a # b\\n",
    DOUBLE: "first\nsecond",
    LINES: "over\ntwo",
    BACK: `it's "fine"`,
    LOOSE: `"open`,
    TWICE: "2",
  });
});

test("the first file that defines a name wins, and what is set outside beats them all", () => {
  const variables = dotenvVariables(["A=near\nB=near", "B=far\nC=far\nD=far"], { C: "outside", D: "" });
  expect(variables).toEqual({ A: "near", B: "near", C: "outside", D: "far" });
});

test("references stand for other variables, in whatever file or place, with a word for those that are not set", () => {
  const near =
    "URL=http://${HOST}:$PORT/\nPORT=${OTHER:-80}\nLOUD=${DEBUG:+yes}\nPRICE=\\$5\nLOOP=$LOOP-${BACK}\nBACK=$LOOP";
  expect(dotenvVariables([near, "HOST=far"], { DEBUG: "1" })).toEqual({
    URL: "http://far:80/",
    PORT: "80",
    LOUD: "yes",
    PRICE: "$5",
    LOOP: "-",
    BACK: "-",
    HOST: "far",
  });
});

test("files are taken in nx's order, only where nx rules, and not when it is told not to", () => {
  const files: Record<string, string> = {
    ".env": "root",
    "a/.env": "own",
    "a/.env.build": "target",
    "a/.env.test": "other target",
    "a/custom.env": "named",
  };
  const tree = {
    namesIn: (dir: string) =>
      Object.keys(files)
        .filter((path) => path.slice(0, Math.max(0, path.lastIndexOf("/"))) === dir)
        .map((path) => path.slice(path.lastIndexOf("/") + 1)),
    text: (path: string) => files[path] ?? null,
  };
  const action = {
    kind: "commands",
    commands: [],
    parallel: true,
    cwd: "",
    env: {},
    envFile: "a/custom.env",
    readyWhen: [],
  } as const;
  const texts = (source: string, env: Record<string, string> = {}) => [
    ...dotenvTexts({ dir: "a", task: "build", action }, { source, tree, env }).values(),
  ];
  expect(texts("nx")).toEqual(["target", "own", "root", "named"]);
  expect(texts("turbo")).toEqual([]);
  expect(texts("nx", { NX_LOAD_DOT_ENV_FILES: "false" })).toEqual([]);
});

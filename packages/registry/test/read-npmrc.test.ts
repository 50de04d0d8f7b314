import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readNpmrc } from "@slipway/registry";
import { afterEach, beforeEach, expect, test } from "vitest";

let project = "";
let home = "";
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "slipway-project-"));
  home = mkdtempSync(join(tmpdir(), "slipway-home-"));
});
afterEach(() => {
  for (const dir of [project, home]) rmSync(dir, { recursive: true });
});

function read(
  files: { readonly project?: string; readonly user?: string },
  env: Readonly<Record<string, string>> = {},
) {
  if (files.project !== undefined) writeFileSync(join(project, ".npmrc"), files.project);
  if (files.user !== undefined) writeFileSync(join(home, ".npmrc"), files.user);
  return readNpmrc(project, { HOME: home, npm_config_globalconfig: join(home, "none"), ...env });
}

test("without any file it is the public registry, without credentials and without a proxy", () => {
  const settings = read({});
  expect(new URL(settings.registry).pathname).toBe("/");
  expect(settings.target(settings.registry)).toMatchObject({
    auth: null,
    ca: [],
    strictSsl: true,
    proxy: null,
  });
});

test("environment before project before user, key by key", () => {
  const files = {
    project: "registry=https://project.test/\n",
    user: "registry=https://user.test/\nsave-exact=true\n",
  };
  expect(read(files).registry).toBe("https://project.test/");
  expect(read(files).get("save-exact")).toBe("true");
  expect(read(files, { npm_config_registry: "https://env.test/" }).registry).toBe("https://env.test/");
  expect(read(files, { NPM_CONFIG_REGISTRY: "https://env.test/" }).registry).toBe("https://env.test/");
});

test("a token belongs to its host and path, and to nothing beside it", () => {
  const settings = read({ user: "//one.test/npm/:_authToken=secret\n//two.test/:_auth=dTpw\n" });
  expect(settings.target("https://one.test/npm/").auth).toEqual({ kind: "bearer", token: "secret" });
  expect(settings.target("https://one.test/npm/deeper/").auth).toEqual({ kind: "bearer", token: "secret" });
  expect(settings.target("https://one.test/").auth).toBeNull();
  expect(settings.target("https://one.test:8443/npm/").auth).toBeNull();
  expect(settings.target("https://two.test").auth).toEqual({ kind: "basic", credentials: "dTpw" });
});

test.each([
  ["fetch-timeout=3000", 3000],
  ["fetch-timeout=0", undefined],
  ["fetch-timeout=soon", undefined],
])("%s: so long may a registry be silent", (line, silenceMsMax) => {
  expect(read({ project: line }).target("https://one.test/").silenceMsMax).toBe(silenceMsMax);
});

test("user and password become basic credentials", () => {
  const password = Buffer.from("pa:ss").toString("base64");
  const settings = read({ user: `//one.test/:username=me\n//one.test/:_password=${password}\n` });
  const auth = settings.target("https://one.test/").auth;
  expect(auth?.kind === "basic" && Buffer.from(auth.credentials, "base64").toString()).toBe("me:pa:ss");
});

test("${NAME} is taken from the environment; one that is not set is no credential", () => {
  const files = { project: "//one.test/:_authToken=${NPM_TOKEN}\n//two.test/:_authToken=${OTHER?}\n" };
  expect(read(files, { NPM_TOKEN: "t" }).target("https://one.test/").auth).toEqual({
    kind: "bearer",
    token: "t",
  });
  expect(read(files).target("https://one.test/").auth).toBeNull();
  expect(read(files).target("https://two.test/").auth).toBeNull();
});

test("a key from the environment works for a host too", () => {
  const env = { "npm_config_//one.test/:_authToken": "t" };
  expect(read({}, env).target("https://one.test/").auth).toEqual({ kind: "bearer", token: "t" });
});

test("a package is published where publishConfig says, else where its scope says, else to the default", () => {
  const settings = read({ project: "registry=https://main.test/\n@acme:registry=https://acme.test/\n" });
  const url = (name: string, config?: Record<string, unknown>) => settings.publishTarget(name, config).url;
  expect(url("kit")).toBe("https://main.test/");
  expect(url("@acme/kit")).toBe("https://acme.test/");
  expect(url("@acme/kit", { registry: "https://own.test" })).toBe("https://own.test/");
  expect(url("@acme/kit", { registry: "https://own.test/", "@acme:registry": "https://scoped.test/" })).toBe(
    "https://scoped.test/",
  );
  expect(settings.scopes).toEqual({ "@acme": "https://acme.test/" });
});

test("comments, quotes, sections of white space and a byte order mark are read as npm reads them", () => {
  const text =
    '\uFEFF; a comment\n# another\n  registry = "https://quoted.test/"  \n\n@a:registry=https://a.test/ ; why\nflag\n';
  const settings = read({ project: text });
  expect(settings.registry).toBe("https://quoted.test/");
  expect(settings.scopes).toEqual({ "@a": "https://a.test/" });
  expect(settings.get("flag")).toBe("true");
});

test("certificates come from ca and from cafile, which is relative to its .npmrc", () => {
  writeFileSync(join(project, "ca.pem"), "-----BEGIN CERTIFICATE-----\nX\n");
  const settings = read({ project: 'cafile=./ca.pem\nca="line\\nline"\nstrict-ssl=false\n' });
  expect(settings.target("https://one.test/")).toMatchObject({
    ca: ["line\nline", "-----BEGIN CERTIFICATE-----\nX\n"],
    strictSsl: false,
  });
});

test("a cafile that is not there is said", () => {
  const settings = read({ project: "cafile=./none.pem\n" });
  expect(() => settings.target("https://one.test/")).toThrow(
    expect.objectContaining({ code: "config/malformed" }),
  );
});

test.each([
  ["https://one.test/", {}, "http://secure:8080"],
  ["http://one.test/", {}, "http://plain:8080"],
  ["https://one.test/", { NO_PROXY: "one.test" }, null],
  ["https://sub.one.test/", { no_proxy: "localhost,.one.test" }, null],
  ["https://sub.one.test/", { NO_PROXY: "*.one.test" }, null],
  ["https://bone.test/", { NO_PROXY: "one.test" }, "http://secure:8080"],
  ["https://one.test/", { NO_PROXY: "*" }, null],
  ["https://one.test/", { npm_config_noproxy: "one.test" }, null],
  ["https://one.test/", { npm_config_https_proxy: "http://mine:1" }, "http://mine:1"],
])("the proxy of %s with %j is %s", (url, env, expected) => {
  const proxies = { HTTPS_PROXY: "http://secure:8080", http_proxy: "plain:8080" };
  expect(read({}, { ...proxies, ...env }).target(url).proxy).toBe(expected);
});

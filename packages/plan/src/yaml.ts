// Loaded by `import()` where a file is YAML at all. The package is CommonJS: imported so itself, a bundle would give its
// default alone.
export { isMap, isScalar, parse, parseDocument, YAMLParseError } from "yaml";

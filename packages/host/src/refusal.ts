/** Why the file system refused, as a sentence's end; what is not known by its code speaks for itself. */
export function refusal({
  code,
  message,
  path,
}: Pick<NodeJS.ErrnoException, "code" | "message" | "path">): string {
  const where = path === undefined ? "its place" : path;
  switch (code ?? "") {
    case "EEXIST":
      return `${where} is a file, not a folder`;
    case "ENOTDIR":
      return `something above ${where} is a file, not a folder`;
    case "ENOENT":
      return `${where} cannot be made there`;
    case "EACCES":
    case "EPERM":
      return `this user may not write to ${where}`;
    case "EROFS":
      return `${where} lies on a file system that is read-only`;
    default:
      return message;
  }
}

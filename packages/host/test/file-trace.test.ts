import { expect, test } from "vitest";
import { openedForReading } from "../src/trace/file-trace.ts";

test("of a trace the files count that were opened for reading, by the paths that they really have", () => {
  const trace = [
    '17561 openat(AT_FDCWD</w>, "/dev/null", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3</dev/null>',
    '17562 openat(AT_FDCWD</w/a>, "../b/x.ts", O_RDONLY) = 3</w/b/x.ts>',
    '17562 openat(AT_FDCWD</w>, "a", O_RDONLY|O_NONBLOCK|O_CLOEXEC|O_DIRECTORY) = 4</w/a>',
    '17562 openat(5</w/a>, "read and written", O_RDWR|O_CREAT, 0644) = 7</w/a/read and written>',
    '17562 openat2(AT_FDCWD</w>, "y", {flags=O_RDONLY|O_CLOEXEC, resolve=0}, 24) = 9</w/y>',
    '17562 open("/w/z", O_RDONLY) = 8</w/z>',
    "17562 +++ exited with 0 +++",
    "cut off in the mid",
  ].join("\n");
  expect([...openedForReading(trace)]).toEqual(["/w/b/x.ts", "/w/a/read and written", "/w/y", "/w/z"]);
});

export type {
  FingerprintDifference,
  RunEvent,
  RunFinished,
  RunNotice,
  RunStarted,
  TaskEnded,
  TaskOutput,
  TaskReady,
  TaskStarted,
} from "./events.ts";

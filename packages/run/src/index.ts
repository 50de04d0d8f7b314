export type { ScriptHabits } from "./script-habits.ts";
export { describeDifference, differencesOf } from "./differences.ts";
export { dotenvTexts, type DotenvSources } from "./dotenv.ts";
export type {
  FingerprintDifference,
  RunEvent,
  RunFinished,
  RunNotice,
  RunStarted,
  RunStopping,
  TaskEnded,
  TaskOutput,
  TaskReady,
  TaskStarted,
} from "./events.ts";
export { auditTask, type AuditedTask, type SeenTask } from "./audit/audit-task.ts";
export { executeRun } from "./execute-run.ts";
export { explainRun, type ExplainedTask, type TaskExplanation } from "./explain-run.ts";
export type { FileMark, Fingerprint } from "./fingerprint.ts";
export { redactLog } from "./redact.ts";
export type * from "./ports.ts";
export type * from "./readiness-port.ts";
export type { RunOptions, RunSession, ServedTask, UntouchedTask } from "./surroundings.ts";
export { selfStarting } from "./within.ts";

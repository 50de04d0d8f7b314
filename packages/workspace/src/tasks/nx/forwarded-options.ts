import { isRecord } from "@slipway/kernel";
import type { TaskRule } from "../../types.ts";
import { nxAction } from "./nx-action.ts";
import { nxOutputs, nxOutputSpec } from "./nx-outputs.ts";
import type { Config } from "./nx-target.ts";

/** What nx's `options: forward` hands on of a target: its own options with those of the configuration that it runs in. */
export function declaredOptions(rule: TaskRule, configuration: string | null): Config {
  const { options, configurations } = configOf(rule);
  const chosen = configuration === null || !isRecord(configurations) ? {} : configurations[configuration];
  return { ...(isRecord(options) ? options : {}), ...(isRecord(chosen) ? chosen : {}) };
}

/** A target with the options of the one that needs it above its own, as nx runs it. */
export function withForwardedOptions(
  rule: TaskRule,
  configuration: string | null,
  {
    forwarded,
    project,
  }: {
    readonly forwarded: Config;
    readonly project: { readonly projectName: string; readonly dir: string };
  },
): Pick<TaskRule, "action" | "outputs"> {
  const target = configOf(rule);
  const options = { ...declaredOptions(rule, configuration), ...forwarded };
  const action = nxAction({ name: rule.task, config: { ...target, options } });
  const outputs = nxOutputs(project, { name: rule.task, outputs: target["outputs"], options });
  return {
    action: action?.kind === "executor" ? { ...action, forwarded } : action,
    outputs: nxOutputSpec(outputs),
  };
}

/** As it was read, its tokens filled in. */
function configOf({ inputs }: TaskRule): Config {
  const { target } = inputs.values;
  return isRecord(target) ? target : {};
}

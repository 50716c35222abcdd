import type { App } from '../../app/app.ts';
import type { Job } from '../../core/progress.ts';
import { signerForPublish } from '../../keys/signing.ts';
import type { Signer } from '../../openpgp/contract.ts';
import type { ChangedSettings } from '../../publish/publish-change.ts';
import type { PublishStep } from '../../publish/publish-steps.ts';
import { boolFlag, type FlagValues, type Invocation, stringFlag } from '../command.ts';
import { signingOptions } from './signing-flags.ts';
import { printLines } from './snapshot-lines.ts';
import { unable } from './unable.ts';

/** What the publishing commands have in common: overwriting, signing and what they print while they work. */
export function publishingOptions(
  invocation: Invocation,
  app: App,
  job: Job,
): {
  readonly forceOverwrite: boolean;
  readonly signer: () => Promise<Signer | undefined>;
  readonly onStep: (step: PublishStep) => void;
} {
  return {
    forceOverwrite: boolFlag(invocation.flags, 'force-overwrite'),
    signer: () =>
      unable({ sign: 'unable to initialize GPG signer' }, () =>
        signerForPublish(app, signingOptions(invocation), job),
      ),
    onStep: stepPrinter(invocation),
  };
}

export function stepPrinter(invocation: Invocation): (step: PublishStep) => void {
  return (step) => printLines(invocation, [stepLine(step)]);
}

/** The settings that `publish switch` and `publish update` change: those that stand on the command line. */
export function changedSettings(flags: FlagValues): ChangedSettings {
  return {
    ...textSetting(flags, 'origin', 'origin'),
    ...textSetting(flags, 'label', 'label'),
    ...textSetting(flags, 'version', 'version'),
    ...textSetting(flags, 'signed-by', 'signedBy'),
    ...boolSetting(flags, 'skip-contents', 'skipContents'),
    ...boolSetting(flags, 'skip-bz2', 'skipBz2'),
    ...boolSetting(flags, 'multi-dist', 'multiDist'),
  };
}

function textSetting<Key extends string>(
  flags: FlagValues,
  flag: string,
  key: Key,
): Partial<Record<Key, string>> {
  const value = stringFlag(flags, flag);
  return value === undefined ? {} : ({ [key]: value } as Record<Key, string>);
}

function boolSetting<Key extends string>(
  flags: FlagValues,
  flag: string,
  key: Key,
): Partial<Record<Key, boolean>> {
  const value = flags.get(flag);
  return typeof value === 'boolean' ? ({ [key]: value } as Record<Key, boolean>) : {};
}

function stepLine(step: PublishStep): string {
  switch (step.kind) {
    case 'removing':
      return `Removing ${step.path}...`;
    case 'cleaning':
      return `Cleaning up published repository ${step.publication}...`;
    case 'cleaning-component':
      return `Cleaning up component '${step.component}'...`;
    default:
      return plainLines[step.kind];
  }
}

const plainLines = {
  empty:
    "Warning: publishing from empty source, architectures list should be complete, it can't be changed after publishing (use -architectures flag)",
  forced:
    'WARNING: force overwrite mode enabled, aptly might corrupt other published repositories sharing the same package pool.\n',
  loading: 'Loading packages...',
  generating: 'Generating metadata files and linking package files...',
  finalizing: 'Finalizing metadata files...',
} as const;

import { storagePrefix } from '../../catalog/labels.ts';
import { EspejoError } from '../../core/errors.ts';
import { printable } from '../../core/redact.ts';
import type { PublicationIdentity } from '../../publish/publication-place.ts';
import { parseLocation } from '../../publish/publication-place.ts';
import { type SourceChange, type SourceStep, stageSources } from '../../publish/staged-sources.ts';
import { type FlagValues, type Handler, type Invocation, stringFlag } from '../command.ts';
import { withApp } from '../session.ts';
import { printLines } from './snapshot-lines.ts';
import { unable } from './unable.ts';

/** The publication that `publish source` commands name: a distribution and `-prefix`. */
export function stagedIdentity({ args, flags }: Invocation): PublicationIdentity {
  const [distribution = ''] = args;
  return { ...parseLocation(stringFlag(flags, 'prefix') ?? '.'), distribution };
}

/** The handler of `publish source add`, `update`, `replace` and `remove`. */
export function stagingHandler(kind: SourceChange['kind']): Handler {
  return async (invocation) => {
    const identity = stagedIdentity(invocation);
    const change = changeOf(kind, invocation);
    const onStep = (step: SourceStep): void => printLines(invocation, [stepLine(step)]);
    const verb = kind === 'replace' ? 'add' : kind;
    await withApp(invocation, (app, job) =>
      unable(`unable to ${verb}`, () => stageSources(app, { identity, change, onStep }, job)),
    );
    const words = `publish update ${identity.distribution} ${storagePrefix(identity)}`;
    return {
      lines: [
        '',
        `You can run '${invocation.root.name} ${words}' to update the content of the published repository.`,
      ],
    };
  };
}

function changeOf(kind: SourceChange['kind'], { args, flags }: Invocation): SourceChange {
  const components = componentsOf(flags);
  if (kind === 'remove') return { kind, components };
  const names = args.slice(1);
  if (names.length !== components.length) {
    throw new EspejoError(
      'E_BAD_VALUE',
      `mismatch in number of components (${components.length}) and sources (${names.length})`,
    );
  }
  return { kind, sources: components.map((component, at) => [component, names[at] ?? ''] as const) };
}

/** The items of `-component`; one empty item without it, as aptly counts. */
export function componentsOf(flags: FlagValues): readonly string[] {
  return (stringFlag(flags, 'component') ?? '').split(',');
}

function stepLine(step: SourceStep): string {
  switch (step.kind) {
    case 'clearing':
      return 'Clearing staged source list...';
    case 'removing':
      return printable(
        `Removing component '${step.component}' with source '${step.name}' [${step.sourceKind}]...`,
      );
    case 'adding':
      return printable(
        `Adding component '${step.component}' with source '${step.name}' [${step.sourceKind}]...`,
      );
    case 'updating':
      return printable(
        `Updating component '${step.component}' with source '${step.name}' [${step.sourceKind}]...`,
      );
  }
}

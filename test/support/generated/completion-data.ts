import type { Flag } from '../../../src/cli/command.ts';
import { commandLines, everywhere } from './command-lines.ts';

/** What the completions of all shells know: entries `[key, words]`. */
export type CompletionData = {
  /** Subcommands by the command line so far. */
  readonly commands: Entries;
  /** Flags, those with a value ending in `=`. */
  readonly flags: Entries;
  /** What the positional arguments are: `@mirror` and so on are names, others stand for themselves, `...` repeats. */
  readonly arguments: Entries;
  /** Values of flags. */
  readonly values: Entries;
};

type Entries = readonly (readonly [key: string, words: string])[];

export function completionData(): CompletionData {
  const lines = commandLines();
  const groups = lines.flatMap(({ words, node }) => (node.kind === 'group' ? [{ words, node }] : []));
  return {
    commands: groups.map(({ words, node }, at) => {
      const names = node.commands.map(({ name }) => name).toSorted();
      return [words, [...names, ...(at === 0 ? ['help'] : [])].join(' ')];
    }),
    flags: lines.map(({ words, flags }) => [
      words,
      [...flags, ...everywhere].map(flagWord).toSorted().join(' '),
    ]),
    arguments: Object.entries(positional).map(([words, kinds]) => [`espejo ${words}`, kinds]),
    values: Object.entries(flagValues),
  };
}

function flagWord({ name, kind }: Flag): string {
  return kind === 'bool' ? `-${name}` : `-${name}=`;
}

const flagValues: Readonly<Record<string, string>> = {
  '-gpg-provider': 'gpg gpg1 gpg2 internal',
  '-downloader': 'default grab',
  '-layout': 'horizontal vertical',
  '-sort': 'name time',
  '-format': 'png svg pdf dot',
};

const positional: Readonly<Record<string, string>> = {
  'mirror drop': '@mirror',
  'mirror edit': '@mirror',
  'mirror rename': '@mirror',
  'mirror search': '@mirror',
  'mirror show': '@mirror',
  'mirror update': '@mirror',
  'publish drop': '@distribution @prefix',
  'publish repo': '@repo ...',
  'publish show': '@distribution @prefix',
  'publish snapshot': '@snapshot ...',
  'publish source add': '@distribution',
  'publish source drop': '@distribution',
  'publish source list': '@distribution',
  'publish source remove': '@distribution',
  'publish source replace': '@distribution',
  'publish source update': '@distribution',
  'publish switch': '@distribution @snapshot ...',
  'publish update': '@distribution @prefix',
  'repo add': '@repo @file ...',
  'repo copy': '@repo @repo',
  'repo create': '@none from snapshot @snapshot',
  'repo drop': '@repo',
  'repo edit': '@repo',
  'repo import': '@mirror @repo',
  'repo include': '@file ...',
  'repo move': '@repo @repo',
  'repo remove': '@repo',
  'repo rename': '@repo',
  'repo search': '@repo',
  'repo show': '@repo',
  'snapshot create': '@none from|empty mirror|repo @source',
  'snapshot diff': '@snapshot @snapshot',
  'snapshot drop': '@snapshot',
  'snapshot filter': '@snapshot',
  'snapshot merge': '@none @snapshot ...',
  'snapshot pull': '@snapshot @snapshot',
  'snapshot rename': '@snapshot',
  'snapshot search': '@snapshot',
  'snapshot show': '@snapshot',
  'snapshot verify': '@snapshot ...',
};

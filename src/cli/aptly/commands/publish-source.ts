import { atLeast, exactly } from '../../arity.ts';
import type { FlagSpec, GroupSpec } from '../command-spec.ts';
import { json, text } from '../flags.ts';

const place: readonly FlagSpec[] = [
  text('component', 'components, separated by commas'),
  text('prefix', 'where the publication is: [<endpoint>:]<prefix>', '.'),
];

/** Section 7.8 of spec/cli.md: changes of what is published, which wait for `publish update`. */
export const publishSourceGroup: GroupSpec = {
  kind: 'group',
  name: 'source',
  short: 'stage changes of what is published',
  long: '',
  flags: [],
  commands: [
    {
      kind: 'leaf',
      name: 'add',
      usage: '<distribution> <source> ...',
      short: 'stage new components',
      long: `Stages components that the publication does not have yet, one for each source.

Example:

  $ espejo publish source add -component=contrib bookworm contrib-today`,
      arity: atLeast(2),
      flags: place,
    },
    {
      kind: 'leaf',
      name: 'drop',
      usage: '<distribution>',
      short: 'discard staged changes',
      long: `Forgets what was staged; what is published stays.

Example:

  $ espejo publish source drop bookworm`,
      arity: exactly(1),
      flags: place,
    },
    {
      kind: 'leaf',
      name: 'list',
      usage: '<distribution>',
      short: 'list staged sources',
      long: `Lists the components with their sources as they will be after the next update. Nothing staged is an error.

Example:

  $ espejo publish source list bookworm`,
      arity: exactly(1),
      flags: [json, ...place],
    },
    {
      kind: 'leaf',
      name: 'remove',
      usage: '<distribution>',
      short: 'stage the removal of components',
      long: `Stages the removal of the components that -component names.

Example:

  $ espejo publish source remove -component=contrib bookworm`,
      arity: atLeast(1),
      flags: place,
    },
    {
      kind: 'leaf',
      name: 'replace',
      usage: '<distribution> <source> ...',
      short: 'stage a new set of components',
      long: `Stages the given components with their sources in the place of all others.

Example:

  $ espejo publish source replace -component=main,contrib bookworm main-today contrib-today`,
      arity: atLeast(2),
      flags: place,
    },
    {
      kind: 'leaf',
      name: 'update',
      usage: '<distribution> <source> ...',
      short: 'stage other sources of components',
      long: `Stages other sources for components that the publication has.

Example:

  $ espejo publish source update -component=contrib bookworm contrib-tomorrow`,
      arity: atLeast(2),
      flags: place,
    },
  ],
};

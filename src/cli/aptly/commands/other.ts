import { atLeast, between, exactly, noArguments } from '../../arity.ts';
import type { GroupSpec, LeafSpec } from '../command-spec.ts';
import { bool, dryRun, format, text } from '../flags.ts';

/** Section 12 of spec/cli.md. */
export const apiGroup: GroupSpec = {
  kind: 'group',
  name: 'api',
  short: 'the REST API',
  long: '',
  flags: [],
  commands: [
    {
      kind: 'leaf',
      name: 'serve',
      usage: '',
      short: 'serve the REST API',
      long: `Answers the REST API over HTTP or a Unix socket until it is stopped; a socket that systemd hands over is used instead
of -listen.

Example:

  $ espejo api serve -listen=unix:///run/espejo.sock`,
      arity: noArguments,
      flags: [
        text('listen', 'host:port or unix:///path', ':8080'),
        bool('no-lock', 'open the database only while it is needed, so that other commands can run'),
      ],
    },
  ],
};

/** Section 3 of spec/cli.md. */
export const configGroup: GroupSpec = {
  kind: 'group',
  name: 'config',
  short: 'the configuration',
  long: '',
  flags: [],
  commands: [
    {
      kind: 'leaf',
      name: 'show',
      usage: '',
      short: 'show the configuration in effect',
      long: `Prints the configuration file together with the defaults for what it leaves out.

Example:

  $ espejo config show -yaml`,
      arity: atLeast(0),
      flags: [bool('yaml', 'print YAML instead of JSON')],
    },
  ],
};

/** Section 9 of spec/cli.md. */
export const dbGroup: GroupSpec = {
  kind: 'group',
  name: 'db',
  short: 'the database and the package pool',
  long: '',
  flags: [],
  commands: [
    {
      kind: 'leaf',
      name: 'cleanup',
      usage: '',
      short: 'remove what nothing refers to',
      long: `Removes packages from database and pool that are in no mirror, repository, snapshot or publication.

Example:

  $ espejo db cleanup -dry-run -verbose`,
      arity: noArguments,
      flags: [dryRun, bool('verbose', 'list what is removed')],
    },
    {
      kind: 'leaf',
      name: 'recover',
      usage: '',
      short: 'repair the database after a crash',
      long: `Repairs what can be repaired and removes references to packages that are gone from local repositories.

Example:

  $ espejo db recover`,
      arity: noArguments,
      flags: [],
    },
  ],
};

/** Section 8 of spec/cli.md. */
export const packageGroup: GroupSpec = {
  kind: 'group',
  name: 'package',
  short: 'packages of all mirrors and repositories',
  long: '',
  flags: [],
  commands: [
    {
      kind: 'leaf',
      name: 'search',
      usage: '[<package-query>]',
      short: 'search the whole database for packages',
      long: `Lists the packages that match the query, all of them without one, wherever they are. No match is an error.

Example:

  $ espejo package search '$Architecture (i386), Name (% *-dev)'`,
      arity: between(0, 1),
      flags: [format],
    },
    {
      kind: 'leaf',
      name: 'show',
      usage: '<package-query>',
      short: 'show packages in detail',
      long: `Prints the control fields of every package that matches.

Example:

  $ espejo package show -with-references 'nginx-light (= 1.22.1-9)'`,
      arity: exactly(1),
      flags: [
        bool('with-files', 'tell where the files are in the pool'),
        bool('with-references', 'tell which mirrors, repositories and snapshots have it'),
      ],
    },
  ],
};

/** Section 13 of spec/cli.md. */
export const taskGroup: GroupSpec = {
  kind: 'group',
  name: 'task',
  short: 'several commands at once',
  long: '',
  flags: [],
  commands: [
    {
      kind: 'leaf',
      name: 'run',
      usage: '-filename=<filename> | <command1>, <command2>, ...',
      short: 'run commands one after the other',
      long: `Runs commands in one process until one fails: from a file, one a line; from the command line, where a word that ends
in a comma ends a command; or from standard input up to an empty line.

Example:

  $ espejo task run repo create local, repo add local pkg1, publish repo local`,
      arity: atLeast(0),
      flags: [text('filename', 'file with the commands')],
    },
  ],
};

/** Section 10 of spec/cli.md. */
export const graphCommand: LeafSpec = {
  kind: 'leaf',
  name: 'graph',
  usage: '',
  short: 'draw what was made of what',
  long: `Draws mirrors, repositories, snapshots and publications with the arrows between them. Needs the program dot of
Graphviz.

Example:

  $ espejo graph -output=graph.svg`,
  arity: noArguments,
  flags: [
    text('format', 'output format of Graphviz', 'png'),
    text('layout', 'horizontal or vertical', 'horizontal'),
    text('output', 'file to write; its extension decides the format (default: open a viewer)'),
  ],
};

/** Section 11 of spec/cli.md. */
export const serveCommand: LeafSpec = {
  kind: 'leaf',
  name: 'serve',
  usage: '',
  short: 'serve published repositories over HTTP',
  long: `Serves the public directory until it is stopped, and prints the lines for sources.list first.

Example:

  $ espejo serve -listen=:8080`,
  arity: noArguments,
  flags: [text('listen', 'host:port', ':8080')],
};

/** Section 2 of spec/cli.md. */
export const versionCommand: LeafSpec = {
  kind: 'leaf',
  name: 'version',
  usage: '',
  short: 'print the version',
  long: `Prints the version of this program.

Example:

  $ espejo version`,
  arity: noArguments,
  flags: [],
};

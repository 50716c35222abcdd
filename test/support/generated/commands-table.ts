import { leafCommands } from '../../../src/cli/aptly/command-spec.ts';
import { globalFlags } from '../../../src/cli/aptly/flags.ts';
import { handlers } from '../../../src/cli/aptly/handlers.ts';
import { aptlyCommands } from '../../../src/cli/aptly/table.ts';

/** What a line of DIFFERENCES.md is about, and where it stands. */
type Difference = {
  readonly command: string | undefined;
  readonly flag: string | undefined;
  readonly anchor: string;
};

/**
 * src/aptly/COMMANDS.md: every command and flag of aptly, whether it is there, and where it differs.
 * @param differences text of DIFFERENCES.md; the code spans of its lines say which commands and flags they are about
 */
export function commandsTable(differences: string): string {
  const leaves = leafCommands(aptlyCommands()).map(({ path, leaf }) => ({ name: path.join(' '), leaf }));
  const found = differencesIn(
    differences,
    leaves.map(({ name }) => name),
  );
  const rows = leaves.map(({ name, leaf }) => {
    const flags = leaf.flags.map((flag) => flagText(flag.name, anchorOf(found, name, flag.name)));
    return `| \`${name}\` | ${state(name, found)} | ${flags.join(' ')} |`;
  });
  const there = leaves.filter(({ name }) => name in handlers).length;
  const pairs = leaves.reduce((sum, { leaf }) => sum + leaf.flags.length, 0);
  const globals = globalFlags.map(({ name }) => flagText(name, anchorOf(found, undefined, name)));
  return `# Commands and flags of aptly 1.6.3

Generated from the command table by \`test/unit/cli/generated.test.ts\`; not to be edited. "Differs" and linked flags lead to the reason
in DIFFERENCES.md.

${there} of ${leaves.length} commands, ${pairs} flags of commands, ${globals.length} global flags.

| command | | flags |
| --- | --- | --- |
${rows.join('\n')}

Global flags, valid on every command: ${globals.join(' ')}
`;
}

function state(name: string, differences: readonly Difference[]): string {
  if (!(name in handlers)) return name.startsWith('api ') ? 'waits for the REST API' : 'missing';
  const own = differences.find(({ command, flag }) => command === name && flag === undefined);
  return own === undefined ? 'done' : `[differs](DIFFERENCES.md#${own.anchor})`;
}

function flagText(flag: string, anchor: string | undefined): string {
  return anchor === undefined ? `\`-${flag}\`` : `[\`-${flag}\`](DIFFERENCES.md#${anchor})`;
}

function anchorOf(
  differences: readonly Difference[],
  command: string | undefined,
  flag: string,
): string | undefined {
  return differences.find(
    (one) => one.flag === flag && (one.command === undefined || one.command === command),
  )?.anchor;
}

/** What the code spans of every line are about; a flag alone is that of the commands that the line names, or of all. */
function differencesIn(text: string, commands: readonly string[]): readonly Difference[] {
  return text.split(/^## /m).flatMap((section) => {
    const anchor = (section.split('\n', 1)[0] ?? '')
      .toLowerCase()
      .replaceAll(' ', '-')
      .replace(/[^a-z-]/g, '');
    return section
      .split(/^- /m)
      .flatMap((line) => aboutLine(line, commands).map((one) => ({ ...one, anchor })));
  });
}

function aboutLine(line: string, commands: readonly string[]): readonly Omit<Difference, 'anchor'>[] {
  const spans = Array.from(line.matchAll(/`([^`]+)`/g), ([, span = '']) => ({
    command: commands.find((name) => span === name || span.startsWith(`${name} `)),
    flags: Array.from(span.matchAll(/(?:^|\s)-([a-z0-9-]+)/g), ([, flag]) => flag),
  }));
  const named = spans.flatMap(({ command }) => command ?? []);
  return spans.flatMap(({ command, flags }) => {
    if (flags.length === 0) return command === undefined ? [] : [{ command, flag: undefined }];
    const owners = command === undefined ? (named.length === 0 ? [undefined] : named) : [command];
    return flags.flatMap((flag) => owners.map((owner) => ({ command: owner, flag })));
  });
}

import type { GroupSpec } from './command-spec.ts';
import { mirrorGroup } from './commands/mirror.ts';
import {
  apiGroup,
  configGroup,
  dbGroup,
  graphCommand,
  packageGroup,
  serveCommand,
  taskGroup,
  versionCommand,
} from './commands/other.ts';
import { publishGroup } from './commands/publish.ts';
import { repoGroup } from './commands/repo.ts';
import { snapshotGroup } from './commands/snapshot.ts';
import { globalFlags } from './flags.ts';

/** aptly's whole command line (spec/cli.md), under the name that the program was called by. */
export function aptlyCommands(program = 'espejo'): GroupSpec {
  return {
    kind: 'group',
    name: program,
    short: 'mirrors, repositories, snapshots and publications of Debian packages',
    long: `Mirrors remote archives as a whole or in part, keeps local repositories, freezes both in snapshots, merges and filters
them, and publishes the result as archives that apt installs from.`,
    flags: globalFlags,
    commands: [
      apiGroup,
      configGroup,
      dbGroup,
      graphCommand,
      mirrorGroup,
      packageGroup,
      publishGroup,
      repoGroup,
      serveCommand,
      snapshotGroup,
      taskGroup,
      versionCommand,
    ],
  };
}

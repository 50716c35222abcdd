import { resolve } from 'node:path';
import { type AddEvent, addFiles } from '../../../app/library/add-files.ts';
import { EspejoError } from '../../../core/errors.ts';
import { printable } from '../../../core/redact.ts';
import { boolFlag, type Handler } from '../../command.ts';
import { withApp } from '../../session.ts';
import { loadingLine } from '../repo-lines.ts';
import { printLines } from '../snapshot-lines.ts';
import { unable } from '../unable.ts';

export const run: Handler = async (invocation) => {
  const { args, cwd, flags } = invocation;
  const [repo = '', ...paths] = args;
  const files = {
    repo,
    paths,
    read: (path: string) => resolve(cwd, path),
    forceReplace: boolFlag(flags, 'force-replace'),
    removeFiles: boolFlag(flags, 'remove-files'),
    onFound: () => printLines(invocation, [loadingLine]),
  };
  const events = await withApp(invocation, (app, job) =>
    unable('unable to add', () => addFiles(app, files, job)),
  );
  const lines = events.map(eventLine);
  const failed = events.flatMap((event) => (event.kind === 'failed' ? event.path : []));
  if (failed.length === 0) return { lines };
  const skipped = [
    '[!] Some files were skipped due to errors:',
    ...failed.map((path) => `  ${printable(path)}`),
  ];
  printLines(invocation, [...lines, ...skipped]);
  throw new EspejoError('E_FILES_SKIPPED', 'some files failed to be added', { context: { files: failed } });
};

function eventLine(event: AddEvent): string {
  switch (event.kind) {
    case 'added':
      return `[+] ${event.label} added`;
    case 'replaced':
      return `[-] ${event.label} removed due to conflict with package being added`;
    case 'failed':
      return `[!] ${printable(event.reason)}`;
  }
}

import { EspejoError } from '../../core/errors.ts';
import { printable } from '../../core/redact.ts';
import type { Invocation } from '../command.ts';
import { printLines } from './snapshot-lines.ts';

/** Lists the files that failed. @throws E_FILES_SKIPPED when there are any */
export function reportSkipped(invocation: Pick<Invocation, 'print'>, failed: readonly string[]): void {
  if (failed.length === 0) return;
  const lines = failed.map((path) => `  ${printable(path)}`);
  printLines(invocation, ['[!] Some files were skipped due to errors:', ...lines]);
  throw new EspejoError('E_FILES_SKIPPED', 'some files failed to be added', { context: { files: failed } });
}
